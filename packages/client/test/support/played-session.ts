import { attachFrames } from '@frameport/framing'
import { createSession, type SessionHandlers, type SessionOptions } from '@frameport/protocol/session'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'

/** The options of a played server besides its contracts. */
interface PlayedSession extends Pick<SessionOptions, 'limits'> {
  readonly handlers?: Partial<SessionHandlers>
}

/**
 * A session that plays the server of a client, in virtual time. `connection` is the end for the client. The session
 * admits every client, and answers calls with nothing.
 */
export function playedSession(
  contracts: SessionOptions['contracts'],
  { handlers = {}, limits = {} }: PlayedSession = {},
) {
  const clock = createVirtualClock()
  const { a: connection, b } = createMemoryPair({ clock })
  const session = createSession({
    role: 'server',
    environment: clock,
    contracts,
    limits,
    handlers: {
      hello: async () => ({}),
      opened: () => undefined,
      call: (call) => call.respond({ kind: 'none' }),
      event: () => undefined,
      goaway: () => undefined,
      closed: () => undefined,
      ...handlers,
    },
  })
  session.attach(attachFrames(b))
  return { clock, connection, session, run: <T>(promise: Promise<T>) => clock.until(promise) }
}
