import type { ByteStream, FrameChannel } from '@frameport/framing'
import { RpcError, type SessionCloseReason } from '@frameport/protocol'
import type { Body } from '@frameport/protocol/envelope'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Addresses } from './addresses.ts'
import { ConnectAttempt, type ConnectFailure } from './connect-attempt.ts'
import { isFinal, isFinalRefusal } from './final-reasons.ts'

/** The credentials for a hello. */
export interface HelloCredentials {
  /** Calls the function for credentials, before each attempt. Absent if they are known. */
  readonly forHello: (() => Promise<Body>) | undefined
  /** @param asked the result of `forHello` */
  forNextHello(asked: Body | undefined): Body | undefined
  /** @returns whether a handshake failed because of credentials that will not be sent again */
  refused(reason: SessionCloseReason): boolean
  /** Whether the function for credentials threw this error, as opposed to an error about its result. */
  threw(error: unknown): boolean
  /** Describes what went wrong when the function was called. */
  textOf(error: unknown): string
}

/** An attempt that resulted in no connection. */
export interface FailedAttempt {
  readonly failure: ConnectFailure
  readonly reason: SessionCloseReason
  /** The issuer of credentials refuses this client for good: a further call would fail, too. */
  readonly isFinal: boolean
  /** The time after which a server, or the issuer of credentials, may be called again. */
  readonly retryAfterMs: number | undefined
}

export interface ConnectAttemptsOptions {
  /** Absent for a client with a given connection, which makes no other. */
  readonly addresses: Addresses | undefined
  readonly environment: SessionEnvironment
  /** The time limit of one attempt. */
  readonly timeoutMs: number
  readonly credentials: HelloCredentials
  /** Called when there is a connection, on which this side must start the handshake. */
  connected(connection: FrameChannel | ByteStream, auth: Body | undefined): void
  failed(attempt: FailedAttempt): void
  /** Called when there is a connection, but no time left for the handshake. */
  late(message: string): void
}

/** The attempts of one client to connect, one at a time, and the consequences of their failures. */
export class ConnectAttempts {
  readonly #options: ConnectAttemptsOptions
  #attempt: ConnectAttempt | undefined

  constructor(options: ConnectAttemptsOptions) {
    this.#options = options
  }

  /** Whether an attempt is under way. */
  get isMade(): boolean {
    return this.#attempt !== undefined
  }

  /** Whether the attempt is in its handshake. */
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

  /** Called when the attempt is complete, or no longer needed. */
  end(): void {
    this.#attempt?.end()
    this.#attempt = undefined
  }

  /** Ends the attempt if it already has its connection. */
  endHandshake(): void {
    if (this.isConnected) this.end()
  }

  /**
   * Called when a handshake has failed. The attempt continues with the next address, unless this was the last one.
   *
   * @returns the reason why the whole attempt has failed, or undefined if it continues
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
    // The issuer of credentials may refuse for good, or say when it is available again.
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
