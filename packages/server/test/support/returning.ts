import type { Body } from '@frameport/protocol/envelope'
import type { EventGap, OpenedLink } from '@frameport/protocol/session'
import type { ServerConnection } from '@frameport/server'
import { type Joined, type JoinOptions, join, type Opened } from './joined.ts'
import { type PipeEnd, pipe } from './pipe.ts'

export const home = 'tcp://192.0.2.1:1001'
export const elsewhere = 'tcp://198.51.100.7:2002'

/** A client that keeps its unconfirmed messages, and can resume its session. */
export interface Returning extends Joined {
  /** How often the session was resumed. */
  readonly resumes: number
  /** The links after which the server no longer knew the session. */
  readonly forgotten: readonly OpenedLink[]
  readonly gaps: readonly EventGap[]
  /** Breaks the connection for both sides. */
  cut(): Promise<void>
  /** Breaks the connection without informing the server. */
  vanish(): Promise<void>
  /**
   * Connects again, with the credentials that the server accepted last or with `auth`, and waits until everything has
   * happened that needs no time.
   *
   * @returns the new connection of the server, which is closed if the session is resumed
   * @throws the error of the server if it does not accept the connection
   */
  comeBack(from?: string, auth?: Body): Promise<ServerConnection>
}

export async function joinReturning(stage: Opened, options: JoinOptions = {}): Promise<Returning> {
  let channel: PipeEnd
  const state = { resumes: 0, forgotten: [] as OpenedLink[], gaps: [] as EventGap[] }
  const joined = await join(stage, {
    remoteEndpoint: home,
    ...options,
    limits: { resumeBytes: 65_536, ...options.limits },
    handlers: {
      detached: () => undefined,
      resumed: () => {
        state.resumes += 1
      },
      forgotten: (opened) => void state.forgotten.push(opened),
      eventGap: (gap) => void state.gaps.push(gap),
      ...options.handlers,
    },
  })
  channel = joined.channel
  return Object.assign(Object.create(state) as typeof state, joined, {
    async cut() {
      channel.abort()
      await stage.settle()
    },
    async vanish() {
      channel.other.vanish()
      await stage.settle()
    },
    async comeBack(from = home, auth?: Body) {
      const [ours, theirs] = pipe()
      const connection = stage.server.accept(ours, { remoteEndpoint: from })
      channel = ours
      joined.session.attach(theirs, { auth })
      await stage.settle()
      return connection
    },
  })
}
