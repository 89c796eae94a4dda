import { attachFrames, type FrameChannel } from '@frameport/framing'
import {
  createMemoryPair,
  createVirtualClock,
  type MemoryPair,
  type PairOptions,
  type VirtualClock,
} from '@frameport/testing'
import type { Body } from '../../src/envelope/index.ts'
import type { SessionCloseReason } from '../../src/index.ts'
import {
  createSession,
  createSessionHost,
  type EventGap,
  type HelloAccepted,
  type HelloInfo,
  type OpenedLink,
  type Session,
  type SessionLimits,
} from '../../src/session/index.ts'
import { Recorder } from './sessions.ts'

/** Also records what happens to the connections of a session. */
export class ResumeRecorder extends Recorder {
  readonly detaches: SessionCloseReason[] = []
  readonly forgottenLinks: OpenedLink[] = []
  readonly gaps: EventGap[] = []
  resumes = 0
  movedTo: Session | undefined
  onDetached: () => void = () => {}
  onForgotten: (opened: OpenedLink) => void = () => {}
  onHelloAccepted: ((hello: HelloInfo) => Promise<HelloAccepted>) | undefined

  override hello(hello: HelloInfo): Promise<HelloAccepted> {
    return this.onHelloAccepted?.(hello) ?? Promise.resolve({})
  }

  detached(reason: SessionCloseReason): void {
    this.detaches.push(reason)
    this.onDetached()
  }

  eventGap(gap: EventGap): void {
    this.gaps.push(gap)
  }

  resumed(): void {
    this.resumes += 1
  }

  moved(session: Session): void {
    this.movedTo = session
  }

  forgotten(opened: OpenedLink): void {
    this.forgottenLinks.push(opened)
    this.onForgotten(opened)
  }
}

export interface ResumableOptions {
  readonly pair?: Omit<PairOptions, 'clock'>
  readonly client?: Partial<SessionLimits>
  readonly server?: Partial<SessionLimits>
  readonly seed?: number
  /** The memory budget of all sessions of the server together. */
  readonly memoryBytesMax?: number
}

const keeping = { resumeBytes: 65_536 }

/** One client session, and a server that makes a session for each connection and can resume sessions. */
export class Resumable {
  readonly time: VirtualClock
  readonly client: Session
  readonly clientSide = new ResumeRecorder()
  readonly servers: { readonly session: Session; readonly recorder: ResumeRecorder }[] = []
  readonly pairs: MemoryPair[] = []
  readonly #options: ResumableOptions
  #host

  constructor(options: ResumableOptions = {}) {
    this.#options = options
    this.time = createVirtualClock({ seed: options.seed ?? 1 })
    this.#host = this.#newHost()
    this.client = this.newClient(this.clientSide)
  }

  /** Another client session of the same kind, without a connection. */
  newClient(recorder: ResumeRecorder): Session {
    return createSession({
      role: 'client',
      contracts: [],
      environment: this.time,
      handlers: recorder,
      limits: { ...keeping, ...this.#options.client },
    })
  }

  /** The server forgets all sessions, as after a restart. */
  restart(): void {
    this.#host = this.#newHost()
  }

  /** The server session that corresponds to the client: the last one that has opened and not closed. */
  get server(): (typeof this.servers)[number] {
    return this.servers.findLast(({ session }) => session.state !== 'closed' && session.state !== 'opening')!
  }

  get host() {
    return this.#host
  }

  /**
   * Begins to connect `session`.
   *
   * @param prepared gets the recorder of the server session before any callback
   * @param over wraps the channel of the client
   */
  attach(
    session: Session = this.client,
    prepared: (recorder: ResumeRecorder) => void = () => {},
    over: (channel: FrameChannel) => FrameChannel = (channel) => channel,
    auth?: Body,
  ): MemoryPair {
    const pair = createMemoryPair({ clock: this.time, ...this.#options.pair })
    this.pairs.push(pair)
    const recorder = new ResumeRecorder()
    prepared(recorder)
    const server = createSession({
      role: 'server',
      contracts: [],
      environment: this.time,
      handlers: recorder,
      host: this.#host,
      limits: { ...keeping, ...this.#options.server },
    })
    this.servers.push({ session: server, recorder })
    server.attach(attachFrames(pair.b))
    session.attach(over(attachFrames(pair.a)), { auth })
    return pair
  }

  /** Connects `session`, and waits until it is connected. */
  async connect(
    session?: Session,
    prepared?: (recorder: ResumeRecorder) => void,
    auth?: Body,
  ): Promise<MemoryPair> {
    const pair = this.attach(session, prepared, undefined, auth)
    await this.time.advance(8 * (this.#options.pair?.latencyMs ?? 0))
    return pair
  }

  /** Cuts the current connection without a goaway. */
  async cut(): Promise<void> {
    this.pairs.at(-1)?.a.abort()
    await this.time.settle()
    await this.time.advance(2 * (this.#options.pair?.latencyMs ?? 0))
  }

  #newHost() {
    const { memoryBytesMax = 2 ** 28 } = this.#options
    return createSessionHost({ environment: this.time, turnMs: 1_000, memoryBytesMax })
  }
}
