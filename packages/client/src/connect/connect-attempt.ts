import type { ByteStream, FrameChannel } from '@frameport/framing'
import { abortQuietly } from '@frameport/framing/checks'
import { checking, textOfThrown, timerMsMax, wrongConnection } from '@frameport/protocol/checks'
import type { Body } from '@frameport/protocol/envelope'
import type { SessionEnvironment } from '@frameport/protocol/session'
import { type Addresses, ownTimeoutGraceMs } from './addresses.ts'

/** Why an attempt gave no connection. */
export interface ConnectFailure {
  readonly message: string
  readonly cause: unknown
  /** The application has no credentials. */
  readonly isOfCredentials: boolean
}

export interface ConnectAttemptOptions {
  readonly addresses: Addresses
  readonly environment: SessionEnvironment
  /** For credentials, connection and handshake together. */
  readonly timeoutMs: number
  /** Gives what this attempt shows. Absent: what the session has. */
  readonly credentials: (() => Promise<Body>) | undefined
  /** Has to see to the handshake, and to call {@link ConnectAttempt.end} after it. */
  connected(connection: FrameChannel | ByteStream, auth: Body | undefined): void
  failed(failure: ConnectFailure): void
  /** It is connected, and its time is over before the handshake is done. */
  late(message: string): void
}

/** One attempt to connect: it asks for credentials, connects, and watches the time until the handshake is done. */
export class ConnectAttempt {
  readonly #options: ConnectAttemptOptions
  readonly #abort = new AbortController()
  readonly #stopTimer: () => void
  readonly #beganAtMs: number
  #phase: 'credentials' | 'connecting' | 'handshake' | 'over'

  constructor(options: ConnectAttemptOptions) {
    const { environment, timeoutMs, credentials } = options
    this.#options = options
    this.#beganAtMs = environment.nowMs()
    this.#phase = credentials === undefined ? 'connecting' : 'credentials'
    const timer = environment.setTimer(Math.min(timeoutMs + ownTimeoutGraceMs, timerMsMax), () =>
      this.#late(),
    )
    this.#stopTimer = () => timer.cancel()
    void this.#run()
  }

  /** Whether it has given its connection. */
  get isConnected(): boolean {
    return this.#phase === 'handshake'
  }

  /** It is done, or nobody needs it any more: what still runs is given up. */
  end(): void {
    this.#stopTimer()
    const isConnecting = this.#phase === 'credentials' || this.#phase === 'connecting'
    this.#phase = 'over'
    if (isConnecting) this.#abort.abort()
  }

  async #run(): Promise<void> {
    const { addresses, environment, timeoutMs, credentials } = this.#options
    const { signal } = this.#abort
    try {
      let auth: Body | undefined
      let leftMs = timeoutMs
      if (credentials !== undefined) {
        auth = await credentials()
        if (this.#isOver) return
        this.#phase = 'connecting'
        leftMs = Math.max(1, Math.floor(timeoutMs - (environment.nowMs() - this.#beganAtMs)))
      }
      const connection = checkedConnection(await addresses.connect({ signal, timeoutMs: leftMs }))
      if (this.#isOver) {
        abortQuietly(connection)
        return
      }
      this.#phase = 'handshake'
      this.#options.connected(connection, auth)
    } catch (cause) {
      this.#fail(cause)
    }
  }

  /** Read by what waited: somebody may have ended it meanwhile. */
  get #isOver(): boolean {
    return this.#phase === 'over'
  }

  #late(): void {
    const { addresses, timeoutMs } = this.#options
    const problem = `within ${timeoutMs} ms`
    if (this.#phase === 'credentials') this.#fail(new Error(`auth gave no credentials ${problem}`))
    else if (this.#phase === 'connecting') this.#fail(new Error(`it did not connect ${problem}`))
    else this.#options.late(`${addresses.url} was connected to, and there was no handshake ${problem}`)
  }

  #fail(cause: unknown): void {
    if (this.#isOver) return
    const isOfCredentials = this.#phase === 'credentials'
    this.#phase = 'over'
    this.#stopTimer()
    this.#abort.abort(cause)
    const message = `Could not connect to ${this.#options.addresses.urls}: ${textOfThrown(cause)}`
    this.#options.failed({ message, cause, isOfCredentials })
  }
}

/** @throws TypeError for what a connector may not give */
function checkedConnection(connection: FrameChannel | ByteStream): FrameChannel | ByteStream {
  const refusal = (problem: string, options?: { readonly cause: unknown }) => new TypeError(problem, options)
  const problem = checking(() => wrongConnection('what connect of the connector gave', connection), refusal)
  if (problem === undefined) return connection
  abortQuietly(connection)
  throw refusal(problem)
}
