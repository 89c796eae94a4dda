import { type ByteStream, type FrameChannel, frameChannelOf } from '@frameport/framing'
import { abortQuietly } from '@frameport/framing/checks'
import { checking, textOfThrown, timerMsMax, wrongConnection } from '@frameport/protocol/checks'
import type { Session, SessionEnvironment } from '@frameport/protocol/session'
import type { Connector } from '../connector.ts'
import type { ConnectionHold } from './connection-hold.ts'

/** A connector that keeps its own time says more about it, and is waited for this much longer. */
const ownTimeoutGraceMs = 100

/** Why a client never got a connection. */
export interface ConnectFailure {
  readonly message: string
  readonly cause: unknown
}

/** One attempt to connect, for a session that waits for its channel: with the handshake it may take `timeoutMs`. */
export class ConnectAttempt {
  readonly #connector: Connector
  readonly #session: Session
  readonly #hold: ConnectionHold
  readonly #abort = new AbortController()
  readonly #stopTimer: () => void
  readonly #timeoutMs: number
  #over = false
  #failure: ConnectFailure | undefined

  constructor(
    connector: Connector,
    session: Session,
    hold: ConnectionHold,
    environment: SessionEnvironment,
    timeoutMs: number,
  ) {
    this.#connector = connector
    this.#session = session
    this.#hold = hold
    this.#timeoutMs = timeoutMs
    const timer = environment.setTimer(Math.min(timeoutMs + ownTimeoutGraceMs, timerMsMax), () =>
      this.#late(),
    )
    this.#stopTimer = () => timer.cancel()
    void this.#run()
  }

  /** Set when it has failed. */
  get failure(): ConnectFailure | undefined {
    return this.#failure
  }

  /** The handshake is done. */
  opened(): void {
    this.#stopTimer()
  }

  /** The session is closed: an attempt that still runs is given up. */
  end(): void {
    this.#stopTimer()
    if (this.#over) return
    this.#over = true
    this.#abort.abort()
  }

  async #run(): Promise<void> {
    try {
      const { signal } = this.#abort
      const timeoutMs = this.#timeoutMs
      const connection = checkedConnection(await this.#connector.connect({ signal, timeoutMs }))
      this.#over = true
      this.#hold.connected(connection)
      // A session that is closed already aborts the channel.
      this.#session.attach(frameChannelOf(connection))
    } catch (cause) {
      this.#fail(cause)
    }
  }

  #late(): void {
    const problem = `within ${this.#timeoutMs} ms`
    if (!this.#over) this.#fail(new Error(`it did not connect ${problem}`))
    else {
      const message = `${this.#connector.url} was connected to, and there was no handshake ${problem}`
      this.#session.abort({ code: 'HELLO_TIMEOUT', message })
    }
  }

  #fail(cause: unknown): void {
    if (this.#session.state === 'closed') return
    this.#over = true
    this.#stopTimer()
    const message = `Could not connect to ${this.#connector.url}: ${textOfThrown(cause)}`
    this.#failure = { message, cause }
    this.#session.abort({ code: 'CONNECTION_LOST', message, cause })
    this.#abort.abort(cause)
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
