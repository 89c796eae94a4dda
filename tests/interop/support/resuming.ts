import { attachFrames } from '@frameport/framing'
import { type CompletionPort, realEnvironment } from '@frameport/iocp-core'
import type { SessionCloseReason } from '@frameport/protocol'
import {
  createSession,
  createSessionHost,
  type EventGap,
  type IncomingCall,
  type OpenedLink,
  type Session,
  type SessionEvent,
  type SessionHandlers,
  type SessionLimits,
} from '@frameport/protocol/session'
import { fromBody } from './session-bodies.ts'

/** The number of bytes that both implementations keep in these tests. */
export const resumeBytes = 65_536

/** Only bytes make this side send acknowledgements, not time. */
export const limits: Partial<SessionLimits> = { resumeBytes, resumeAckMs: 600_000 }

const retryMs = 20

/** One of our sessions, which survives several connections, and its records. */
export class Resuming {
  readonly session: Session
  readonly events: unknown[] = []
  readonly gaps: EventGap[] = []
  readonly detaches: SessionCloseReason[] = []
  resumes = 0
  isOpened = false
  isMoved = false
  endReason: SessionCloseReason | undefined
  onDetached: () => void = () => undefined
  onForgotten: (opened: OpenedLink) => void = () => undefined
  onOpened: () => void = () => undefined

  constructor(
    role: 'client' | 'server',
    answer: (call: IncomingCall) => void,
    options: {
      readonly limits?: Partial<SessionLimits>
      readonly host?: ReturnType<typeof createSessionHost>
    } = {},
  ) {
    const handlers: SessionHandlers = {
      opened: () => {
        this.isOpened = true
        this.onOpened()
      },
      detached: (reason) => {
        this.detaches.push(reason)
        this.onDetached()
      },
      resumed: () => {
        this.resumes += 1
      },
      moved: () => {
        this.isMoved = true
      },
      forgotten: (opened) => this.onForgotten(opened),
      call: answer,
      event: ({ body }: SessionEvent) => void this.events.push(fromBody(body)),
      eventGap: (gap) => void this.gaps.push(gap),
      goaway: () => undefined,
      closed: (reason) => {
        this.endReason = reason
      },
    }
    this.session = createSession({
      role,
      environment: realEnvironment,
      contracts: [],
      handlers,
      limits: { ...limits, ...options.limits },
      ...(options.host === undefined ? {} : { host: options.host }),
    })
  }

  get eventsMissed(): number {
    return this.gaps.reduce((sum, { events }) => sum + events, 0)
  }
}

/** A client that connects again whenever its session is detached. */
export class ResumingClient extends Resuming {
  readonly #port: CompletionPort
  readonly #url: string
  #retry: NodeJS.Timeout | undefined

  constructor(
    port: CompletionPort,
    url: string,
    answer: (call: IncomingCall) => void,
    own: Partial<SessionLimits> = {},
  ) {
    super('client', answer, { limits: own })
    this.#port = port
    this.#url = url
    this.onDetached = () => this.#later()
    void this.connect()
  }

  async connect(): Promise<void> {
    try {
      const connection = await this.#port.connect(this.#url)
      this.session.attach(attachFrames(connection))
    } catch {
      this.#later()
    }
  }

  async close(): Promise<void> {
    this.onDetached = () => undefined
    clearTimeout(this.#retry)
    await this.session.close({ graceMs: 0 })
  }

  #later(): void {
    this.#retry = setTimeout(() => void this.connect(), retryMs)
  }
}

/** A server with a session for each connection that does not resume one. */
export class ResumingServer {
  readonly sessions: Resuming[] = []
  readonly #port: CompletionPort
  readonly #answer: (call: IncomingCall) => void
  #host = newHost()
  #url = ''
  #onOpened: () => void = () => undefined

  private constructor(port: CompletionPort, answer: (call: IncomingCall) => void) {
    this.#port = port
    this.#answer = answer
  }

  static async listen(port: CompletionPort, answer: (call: IncomingCall) => void): Promise<ResumingServer> {
    const server = new ResumingServer(port, answer)
    const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
      const one = new Resuming('server', server.#answer, { host: server.#host })
      one.onOpened = () => {
        server.sessions.push(one)
        server.#onOpened()
      }
      one.session.attach(attachFrames(connection))
    })
    server.#url = listener.url
    return server
  }

  get port(): number {
    return Number(new URL(this.#url).port)
  }

  /** Waits for and returns the session with this index, in the order of their beginning. */
  async at(index: number): Promise<Resuming> {
    while (this.sessions.length <= index) {
      await new Promise<void>((resolve) => {
        this.#onOpened = resolve
      })
    }
    return this.sessions[index] as Resuming
  }

  /** Behaves like a restarted server. */
  forget(): void {
    this.#host = newHost()
  }

  async close(): Promise<void> {
    await Promise.all(this.sessions.map(({ session }) => session.close({ graceMs: 0 })))
    await this.#port.close()
  }
}

function newHost(): ReturnType<typeof createSessionHost> {
  return createSessionHost({ environment: realEnvironment, turnMs: 1_000, memoryBytesMax: 2 ** 28 })
}
