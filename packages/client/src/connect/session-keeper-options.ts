import type { SessionCloseReason } from '@frameport/protocol'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { ConnectionChange, ReconnectSettings, SessionStart } from '../reconnect-types.ts'
import type { Addresses } from './addresses.ts'
import type { HelloCredentials } from './connect-attempts.ts'
import type { ConnectionHold } from './connection-hold.ts'
import type { KeptSession } from './kept-sessions.ts'

/** What a keeper stands on, and whom it tells. */
export interface SessionKeeperOptions<Kept extends KeptSession> {
  readonly environment: SessionEnvironment
  /** Where to connect to. Absent for a client over a connection that it was given. */
  readonly addresses: Addresses | undefined
  /** Absent for a client that ends with its connection. */
  readonly reconnect: ReconnectSettings | undefined
  readonly connectTimeoutMs: number
  readonly credentials: HelloCredentials
  readonly hold: ConnectionHold
  /** Makes a session whose handlers tell the keeper. @param connectsAgain as that of a session */
  make(connectsAgain: boolean): Kept
  /** The state is another one, or an attempt to connect has failed. */
  changed(change: ConnectionChange): void
  /** Another session has taken the place of this one, which ends when what is open there has ended. */
  left(kept: Kept): void
  /** There is a session with a connection. */
  started(start: SessionStart): void
  /** There will be no session any more: calls are about to settle. Once. */
  ending(reason: SessionCloseReason): void
  /** Nothing is left of any session. Once, and last. */
  closed(reason: SessionCloseReason): void
}
