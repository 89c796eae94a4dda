import type { ByteStream, FrameChannel } from '@frameport/framing'
import { abortQuietly } from '@frameport/framing/checks'
import type { SessionCloseReason } from '@frameport/protocol'
import { checking, textOfThrown, timerMsMax, wrongConnection } from '@frameport/protocol/checks'
import type { Body } from '@frameport/protocol/envelope'
import { type SessionEnvironment, type SessionTimer, startPeerTimer } from '@frameport/protocol/session'
import type { Connector } from '../connector.ts'
import { type Addresses, ownTimeoutGraceMs } from './addresses.ts'
import { AttemptProblems } from './attempt-problems.ts'
import { lateText } from './credentials-source.ts'
import { stoodStillMs } from './standstill.ts'

/** The reason why an attempt resulted in no connection. */
export interface ConnectFailure {
  readonly message: string
  readonly cause: unknown
  /** Whether the application provided no credentials. */
  readonly isOfCredentials: boolean
  /** The answer of a server that was reached. */
  readonly refusal: SessionCloseReason | undefined
}

export interface ConnectAttemptOptions {
  readonly addresses: Addresses
  readonly environment: SessionEnvironment
  /** The time for credentials, connection and handshake together, over all addresses. */
  readonly timeoutMs: number
  /** `forHello` returns the credentials of this attempt. Absent: those of the session. */
  readonly credentials: {
    readonly forHello: (() => Promise<Body>) | undefined
    textOf(error: unknown): string
  }
  /** Must make the handshake, and call {@link ConnectAttempt.end} after it, or {@link ConnectAttempt.goesOnAfter} if it fails. */
  connected(connection: FrameChannel | ByteStream, auth: Body | undefined): void
  failed(failure: ConnectFailure): void
  /** Called when there is a connection, but the time is over before the handshake is complete. */
  late(message: string): void
}

/** One attempt to connect: it asks for credentials, tries the addresses in turn, and watches the time until a handshake is done. */
export class ConnectAttempt {
  readonly #options: ConnectAttemptOptions
  readonly #abort = new AbortController()
  readonly #timer: SessionTimer
  /** The timer of a handshake. */
  #shareTimer: SessionTimer | undefined
  readonly #beganAtMs: number
  readonly #tried: AttemptProblems
  #left: readonly Connector[] = []
  #auth: Body | undefined
  #phase: 'credentials' | 'connecting' | 'handshake' | 'over'

  constructor(options: ConnectAttemptOptions) {
    const { addresses, environment, timeoutMs, credentials } = options
    this.#options = options
    this.#beganAtMs = environment.nowMs()
    this.#tried = new AttemptProblems(addresses)
    this.#phase = credentials.forHello === undefined ? 'connecting' : 'credentials'
    this.#timer = startPeerTimer(environment, Math.min(timeoutMs + ownTimeoutGraceMs, timerMsMax), () =>
      this.#late(timeoutMs),
    )
    void this.#run()
  }

  /** Whether it has passed on its connection. */
  get isConnected(): boolean {
    return this.#phase === 'handshake'
  }

  /** Called when the attempt is complete, or no longer needed: cancels what still runs. */
  end(): void {
    this.#stopTimers()
    const isConnecting = this.#phase === 'credentials' || this.#phase === 'connecting'
    this.#phase = 'over'
    if (isConnecting) this.#abort.abort()
  }

  /**
   * Called when its connection has ended before the handshake was complete.
   *
   * @returns whether it tries the next address
   */
  goesOnAfter(reason: SessionCloseReason): boolean {
    if (this.#phase !== 'handshake') return false
    this.#shareTimer?.cancel()
    this.#tried.handshakeFailed(reason)
    if (this.#left.length === 0 || this.#leftMs <= 0) return false
    this.#options.addresses.moveOn()
    this.#phase = 'connecting'
    void this.#tryNext()
    return true
  }

  /** The reason of its failure, if it failed in a handshake. @param last the reason of the last handshake */
  reasonAfter(last: SessionCloseReason): SessionCloseReason {
    return this.#tried.reasonAfter(last)
  }

  async #run(): Promise<void> {
    const { addresses, credentials } = this.#options
    const { forHello } = credentials
    if (forHello !== undefined) {
      try {
        this.#auth = await forHello()
      } catch (cause) {
        this.#fail(cause)
        return
      }
      if (this.#isOver) return
      this.#phase = 'connecting'
    }
    this.#left = addresses.inTurn
    await this.#tryNext()
  }

  async #tryNext(): Promise<void> {
    const { addresses, environment } = this.#options
    const [connector, ...others] = this.#left
    if (connector === undefined) {
      this.#fail(this.#tried.cause)
      return
    }
    const timeoutMs = Math.max(1, Math.ceil(this.#leftMs / this.#left.length))
    const beganAtMs = environment.nowMs()
    this.#left = others
    let connection: FrameChannel | ByteStream
    try {
      const { signal } = this.#abort
      connection = checkedConnection(await addresses.connect(connector, { signal, timeoutMs }))
    } catch (cause) {
      if (this.#isOver) return
      this.#tried.notConnected(cause)
      addresses.moveOn()
      await this.#tryNext()
      return
    }
    if (this.#isOver) {
      abortQuietly(connection)
      return
    }
    this.#phase = 'handshake'
    const leftMs = timeoutMs - (environment.nowMs() - beganAtMs)
    // If the time is far over, this process was suspended: the handshake may have arrived and waits to be read.
    const shareMs = leftMs > -stoodStillMs ? Math.max(1, leftMs) : Math.min(timeoutMs, stoodStillMs)
    // A handshake has no timeout of its own, unlike a connector: it gets exactly this time.
    this.#shareTimer = startPeerTimer(environment, shareMs, () => this.#late(timeoutMs))
    this.#options.connected(connection, this.#auth)
  }

  get #leftMs(): number {
    const { environment, timeoutMs } = this.#options
    return timeoutMs - (environment.nowMs() - this.#beganAtMs)
  }

  /** Checked after each wait, because other code may have ended it meanwhile. */
  get #isOver(): boolean {
    return this.#phase === 'over'
  }

  /** @param timeoutMs the time limit that is over */
  #late(timeoutMs: number): void {
    const problem = `within ${timeoutMs} ms`
    if (this.#phase === 'credentials') this.#fail(new Error(lateText(timeoutMs)))
    else if (this.#phase === 'connecting') this.#fail(new Error(`it did not connect ${problem}`))
    else
      this.#options.late(
        `${this.#options.addresses.url} accepted the connection, but did not complete the handshake ${problem}`,
      )
  }

  #fail(cause: unknown): void {
    if (this.#isOver) return
    const isOfCredentials = this.#phase === 'credentials'
    this.#phase = 'over'
    this.#stopTimers()
    this.#abort.abort(cause)
    const { addresses, credentials } = this.#options
    const text = isOfCredentials ? credentials.textOf(cause) : textOfThrown(cause)
    const message = `Could not connect to ${addresses.urls}: ${text}`
    this.#options.failed({ message, cause, isOfCredentials, refusal: this.#tried.refusal })
  }

  #stopTimers(): void {
    this.#timer.cancel()
    this.#shareTimer?.cancel()
  }
}

/** @throws TypeError for an invalid result of a connector */
function checkedConnection(connection: FrameChannel | ByteStream): FrameChannel | ByteStream {
  const refusal = (problem: string, options?: { readonly cause: unknown }) => new TypeError(problem, options)
  const problem = checking(() => wrongConnection('the result of connect()', connection), refusal)
  if (problem === undefined) return connection
  abortQuietly(connection)
  throw refusal(problem)
}
