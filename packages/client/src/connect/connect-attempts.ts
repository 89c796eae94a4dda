import type { ByteStream, FrameChannel } from '@frameport/framing'
import { RpcError, type SessionCloseReason } from '@frameport/protocol'
import type { Body } from '@frameport/protocol/envelope'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Addresses } from './addresses.ts'
import { ConnectAttempt, type ConnectFailure } from './connect-attempt.ts'
import { isFinal, isFinalRefusal } from './final-reasons.ts'

/** What is shown in a hello. */
export interface HelloCredentials {
  /** Asks for them, before each attempt. Absent when they are known. */
  readonly forHello: (() => Promise<Body>) | undefined
  /** @param asked what `forHello` gave */
  forNextHello(asked: Body | undefined): Body | undefined
  /** @returns whether a handshake failed for credentials that are not shown again */
  refused(reason: SessionCloseReason): boolean
  /** Whether whoever was asked for them has said this error, and not what was made of the answer. */
  threw(error: unknown): boolean
  /** What went wrong when they were asked for, in words. */
  textOf(error: unknown): string
}

/** An attempt that gave no connection. */
export interface FailedAttempt {
  readonly failure: ConnectFailure
  readonly reason: SessionCloseReason
  /** Whoever issues credentials gives this client none: it would be asked in vain again. */
  readonly isFinal: boolean
  /** When a server, or whoever issues credentials, may be asked again. */
  readonly retryAfterMs: number | undefined
}

export interface ConnectAttemptsOptions {
  /** Absent for a client over a connection that it was given: none is made then. */
  readonly addresses: Addresses | undefined
  readonly environment: SessionEnvironment
  /** Of one attempt. */
  readonly timeoutMs: number
  readonly credentials: HelloCredentials
  /** There is a connection, and this side has to begin the handshake. */
  connected(connection: FrameChannel | ByteStream, auth: Body | undefined): void
  failed(attempt: FailedAttempt): void
  /** There is a connection, and no time for the handshake any more. */
  late(message: string): void
}

/** The attempts of one client to connect, one at a time, and what it means for the client when they fail. */
export class ConnectAttempts {
  readonly #options: ConnectAttemptsOptions
  #attempt: ConnectAttempt | undefined

  constructor(options: ConnectAttemptsOptions) {
    this.#options = options
  }

  /** Whether one is on its way. */
  get isMade(): boolean {
    return this.#attempt !== undefined
  }

  /** Whether it shakes hands. */
  get isConnected(): boolean {
    return this.#attempt?.isConnected === true
  }

  begin(): void {
    const { addresses, environment, timeoutMs, credentials } = this.#options
    if (addresses === undefined) return
    this.#attempt = new ConnectAttempt({
      addresses,
      environment,
      timeoutMs,
      credentials,
      connected: (connection, auth) => this.#options.connected(connection, auth),
      failed: (failure) => this.#failed(failure),
      late: (message) => this.#options.late(message),
    })
  }

  /** It is done, or nobody needs it. */
  end(): void {
    this.#attempt?.end()
    this.#attempt = undefined
  }

  /** It is of no use any more when it has its connection already. */
  endHandshake(): void {
    if (this.isConnected) this.end()
  }

  /**
   * A handshake has failed. The next address is tried, unless it was the last one, or the client would meet the same there.
   *
   * @returns why the whole attempt has failed, or undefined when it goes on
   */
  handshakeFailed(reason: SessionCloseReason): SessionCloseReason | undefined {
    const { addresses, credentials } = this.#options
    if (isFinal(reason) && !credentials.refused(reason)) addresses?.ruleOut(reason)
    if (this.#attempt?.goesOnAfter(reason) === true) return undefined
    return this.#attempt?.reasonAfter(reason) ?? reason
  }

  #failed(failure: ConnectFailure): void {
    this.#attempt = undefined
    const { addresses, credentials } = this.#options
    const { message, cause } = failure
    // Whoever issues credentials may refuse for good, or say when it is there again.
    const isSaid = failure.isOfCredentials && credentials.threw(cause)
    const said = isSaid && RpcError.is(cause) ? cause : undefined
    const isRefused = said !== undefined && isFinalRefusal(said)
    const reason: SessionCloseReason = isRefused
      ? { code: 'HELLO_REFUSED', message, closedBy: 'local', cause }
      : (failure.refusal ?? { code: 'CONNECTION_LOST', message, cause, retryAfterMs: said?.retryAfterMs })
    const retryAfterMs = isSaid ? said?.retryAfterMs : addresses?.retryAfterMs
    this.#options.failed({ failure, reason, isFinal: isRefused, retryAfterMs })
  }
}
