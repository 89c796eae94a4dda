import type { SessionCloseReason } from '@frameport/protocol'
import type { ConnectionChange, ConnectionState } from '../reconnect-types.ts'
import type { ConnectFailure } from './connect-attempt.ts'
import type { KeptSession, KeptSessions } from './kept-sessions.ts'
import type { ReconnectTimes } from './reconnect-times.ts'

export interface ConnectionStatusOptions<Kept extends KeptSession> {
  readonly sessions: KeptSessions<Kept>
  /** Absent for a client that ends with its connection. */
  readonly times: Pick<ReconnectTimes, 'failures' | 'attemptsFailed' | 'delayMs'> | undefined
  /** Called when the state has changed, or an attempt to connect has failed. */
  changed(change: ConnectionChange): void
}

/** The status of a client's connection: its state, reports of each change, and the reason for a missing connection. */
export class ConnectionStatus<Kept extends KeptSession> {
  readonly #options: ConnectionStatusOptions<Kept>
  /** Whether the current session has a connection whose handshake is complete. */
  #isConnected = false
  #wasOpen = false
  #lastReason: SessionCloseReason | undefined
  #endReason: SessionCloseReason | undefined
  #failure: ConnectFailure | undefined
  #toldState: ConnectionState = 'connecting'

  constructor(options: ConnectionStatusOptions<Kept>) {
    this.#options = options
  }

  get state(): ConnectionState {
    const { sessions } = this.#options
    if (this.#endReason !== undefined) return sessions.areDraining ? 'draining' : 'closed'
    const { state } = sessions.current.session
    if (state === 'opening' || state === 'detached') return this.#wasOpen ? 'reconnecting' : 'connecting'
    return state
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  /** Whether there has ever been a connection. */
  get wasOpen(): boolean {
    return this.#wasOpen
  }

  /** The reason why the last connection was lost, or the last attempt failed. */
  get lastReason(): SessionCloseReason | undefined {
    return this.#lastReason
  }

  /** The reason why there will be no further session. */
  get endReason(): SessionCloseReason | undefined {
    return this.#endReason
  }

  /** The reason why the client never had a connection. */
  get failure(): ConnectFailure | undefined {
    return this.#failure
  }

  /** A text with the reason why there is no connection any more; undefined if there is one. */
  get trouble(): string | undefined {
    const { times } = this.#options
    const reason = this.#lastReason
    if (this.#isConnected || reason === undefined || times === undefined) return undefined
    if (this.#endReason !== undefined) return undefined
    const { attemptsFailed } = times
    const attempts =
      attemptsFailed === 1 ? '1 attempt to connect has' : `${attemptsFailed} attempts to connect have`
    const tried = attemptsFailed === 0 ? '' : `, and ${attempts} failed`
    return `the client has no connection (${reason.code}: ${reason.message})${tried}`
  }

  /** @returns the reason of a client that gave up after this time */
  gaveUpAfter(waitedMs: number | undefined): SessionCloseReason {
    const { trouble } = this
    const message = `the client gave up after ${waitedMs} ms without a connection${trouble === undefined ? '' : `: ${trouble}`}`
    const cause = this.#lastReason?.cause
    return { code: 'CONNECTION_LOST', message, ...(cause === undefined ? {} : { cause }) }
  }

  connected(): void {
    this.#isConnected = true
    this.#wasOpen = true
  }

  disconnected(): void {
    this.#isConnected = false
  }

  /** Records why there is no connection. */
  met(reason: SessionCloseReason): void {
    this.#lastReason = reason
  }

  /** Called when there was no connection, and there will be none. */
  failed(failure: ConnectFailure): void {
    this.#failure = failure
  }

  ended(reason: SessionCloseReason): void {
    this.#endReason = reason
    this.#isConnected = false
  }

  /** Reports a new state, and each failure while there is no connection. */
  tell(reason?: SessionCloseReason): void {
    const { state } = this
    const isFailure = reason !== undefined && (state === 'connecting' || state === 'reconnecting')
    if (state === this.#toldState && !isFailure) return
    this.#toldState = state
    const { failures, delayMs } = this.#options.times ?? {}
    this.#options.changed({
      state,
      ...(reason === undefined ? {} : { reason }),
      ...(isFailure ? { failures, delayMs } : {}),
    })
  }
}
