import type { SessionCloseReason } from '@frameport/protocol'
import type { ConnectionChange, ConnectionState } from '../reconnect-types.ts'
import type { ConnectFailure } from './connect-attempt.ts'
import type { KeptSession, KeptSessions } from './kept-sessions.ts'
import type { ReconnectTimes } from './reconnect-times.ts'

export interface ConnectionStatusOptions<Kept extends KeptSession> {
  readonly sessions: KeptSessions<Kept>
  /** Absent for a client that ends with its connection. */
  readonly times: Pick<ReconnectTimes, 'failures' | 'attemptsFailed' | 'delayMs'> | undefined
  /** The state is another one, or an attempt to connect has failed. */
  changed(change: ConnectionChange): void
}

/** What is known and told of the connection of a client: its state, each change of it, and why there is none. */
export class ConnectionStatus<Kept extends KeptSession> {
  readonly #options: ConnectionStatusOptions<Kept>
  /** Whether the session of now has a connection whose handshake is done. */
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

  /** Whether there was a connection once. */
  get wasOpen(): boolean {
    return this.#wasOpen
  }

  /** Why the client has lost its last connection, or the last attempt has failed. */
  get lastReason(): SessionCloseReason | undefined {
    return this.#lastReason
  }

  /** Why there will be no session any more. */
  get endReason(): SessionCloseReason | undefined {
    return this.#endReason
  }

  /** Why the client never had a connection. */
  get failure(): ConnectFailure | undefined {
    return this.#failure
  }

  /** In words, why there is no connection although there was one; undefined when there is one. */
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

  /** @returns the reason of a client that has waited for so long */
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

  /** This stands between the client and its next connection. */
  met(reason: SessionCloseReason): void {
    this.#lastReason = reason
  }

  /** There was no connection, and there will be none. */
  failed(failure: ConnectFailure): void {
    this.#failure = failure
  }

  ended(reason: SessionCloseReason): void {
    this.#endReason = reason
    this.#isConnected = false
  }

  /** Tells of another state, and of each failure while there is no connection. */
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
