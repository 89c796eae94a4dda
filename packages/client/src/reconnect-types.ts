import type { SessionCloseReason } from '@frameport/protocol'

/**
 * - `connecting`: there was no connection yet
 * - `open`: calls go out
 * - `reconnecting`: the connection is lost, and the client tries to get another one; calls wait
 * - `draining`: open calls may finish, and no new ones are made
 * - `closed`: for good
 */
export type ConnectionState = 'connecting' | 'open' | 'reconnecting' | 'draining' | 'closed'

/** What has happened to the connection of a client. */
export interface ConnectionChange {
  readonly state: ConnectionState
  /** Why there is no connection, or why the last attempt failed. */
  readonly reason?: SessionCloseReason | undefined
  /** Attempts that have failed in a row, and connections that did not last; 0 right after the loss. Only while there is no connection. */
  readonly failures?: number | undefined
  /** How long the client waits before the next attempt, in milliseconds. Only while there is no connection. */
  readonly delayMs?: number | undefined
}

/** A session that has its connection. */
export interface SessionStart {
  /** True: the session of before goes on, and nothing is lost. False: it is a new one, and the server knows nothing of the one before. */
  readonly resumed: boolean
  /** The first of this client. */
  readonly isFirst: boolean
}
