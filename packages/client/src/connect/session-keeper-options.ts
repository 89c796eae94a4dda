import type { SessionCloseReason } from '@frameport/protocol'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { ConnectionChange, ReconnectSettings, SessionStart } from '../reconnect-types.ts'
import type { Addresses } from './addresses.ts'
import type { HelloCredentials } from './connect-attempts.ts'
import type { ConnectionHold } from './connection-hold.ts'
import type { KeptSession } from './kept-sessions.ts'

/** The parts that a keeper uses, and its callbacks. */
export interface SessionKeeperOptions<Kept extends KeptSession> {
  readonly environment: SessionEnvironment
  /** The addresses of the server. Absent for a client with a given connection. */
  readonly addresses: Addresses | undefined
  /** Absent for a client that ends with its connection. */
  readonly reconnect: ReconnectSettings | undefined
  readonly connectTimeoutMs: number
  readonly credentials: HelloCredentials
  readonly hold: ConnectionHold
  /** Creates a session whose handlers call the keeper. @param connectsAgain the option of the session */
  make(connectsAgain: boolean): Kept
  /** Called when the state has changed, or an attempt to connect has failed. */
  changed(change: ConnectionChange): void
  /** Called when another session has replaced this one, which ends once its open work has ended. */
  left(kept: Kept): void
  /** Called when a session has a connection. */
  started(start: SessionStart): void
  /** There will be no further session: calls are about to settle. Called once. */
  ending(reason: SessionCloseReason): void
  /** All sessions have ended. Called once, and last. */
  closed(reason: SessionCloseReason): void
}
