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
  /** Why there is no connection, why the last attempt failed, or why the client ends: `closed` has one always. */
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

/** How a client connects again. */
export interface ReconnectOptions {
  /** Try again, too, when the first connection cannot be made. Default false: the client fails then, and says why. */
  readonly first?: boolean | undefined
  /**
   * The first delay between two attempts is at most this long, and each further bound twice the one before; delays are drawn
   * between 50 ms and their bound, and that of the first attempt after a connection that lasted between 0 and `delayMs`. Default 200.
   */
  readonly delayMs?: number | undefined
  /** The longest bound, from 50 on. Default 30,000; as long as a session may go on it is 5,000 at most. */
  readonly delayMaxMs?: number | undefined
  /**
   * How long a client may be without a connection before it gives up, and is closed. Default 300,000; Infinity: never. The time begins
   * anew with a connection that lasts ten seconds; that of a shorter one is taken off. A server that has said when to come back (`retryAfterMs`) is asked once more then, also when that is later.
   */
  readonly reconnectTimeoutMs?: number | undefined
}

/** The same, complete. */
export type ReconnectSettings = {
  readonly [Name in keyof ReconnectOptions]-?: NonNullable<ReconnectOptions[Name]>
}
