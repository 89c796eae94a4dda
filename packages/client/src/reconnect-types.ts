import type { SessionCloseReason } from '@frameport/protocol'

/**
 * The state of a client.
 *
 * - `connecting`: the client has had no connection yet
 * - `open`: calls are sent
 * - `reconnecting`: the connection is lost, and the client tries to make another one; calls wait, or fail with the option `offline: 'fail'`
 * - `draining`: open calls may finish, and new ones are refused
 * - `closed`: the client has ended for good
 */
export type ConnectionState = 'connecting' | 'open' | 'reconnecting' | 'draining' | 'closed'

/** A change of the connection of a client, as `onStateChange` gets it. */
export interface ConnectionChange {
  /** The new state, or the current one after an attempt to connect that failed. */
  readonly state: ConnectionState
  /** Why there is no connection, why the last attempt failed, or why the client ends. Always set for `closed`. */
  readonly reason?: SessionCloseReason | undefined
  /**
   * The number of attempts that failed in a row, and of connections that did not last; 0 right after the loss of a connection that lasted.
   * Set only while there is no connection.
   */
  readonly failures?: number | undefined
  /** How long the client waits before the next attempt, in milliseconds. Set only while there is no connection. */
  readonly delayMs?: number | undefined
}

/** A session that has its connection, as `onSession` gets it. */
export interface SessionStart {
  /** True if the previous session continues, and nothing is lost. False for a new session: the server knows nothing of the previous one. */
  readonly resumed: boolean
  /** Whether this is the first session of the client. */
  readonly isFirst: boolean
}

/** How a client reconnects. */
export interface ReconnectOptions {
  /** Whether to retry if the first connection cannot be made. Default false: the client ends then, and its calls fail with the reason. */
  readonly first?: boolean | undefined
  /**
   * The upper bound of the first delay between two attempts, in milliseconds, from 1. The bound doubles with each failure, up to `delayMaxMs`.
   * Each delay is random, from 50 ms to its bound. After the loss of a connection that lasted, the first delay is from 0 to `delayMs`.
   * Default 200.
   */
  readonly delayMs?: number | undefined
  /** The largest bound, in milliseconds, from 50. Default 30,000. While the session may continue, it is at most 5,000. */
  readonly delayMaxMs?: number | undefined
  /**
   * How long the client may be without a connection before it gives up and closes, in milliseconds, from 1. Default 300,000. Infinity: it
   * never gives up. A connection that lasts for 10 s resets the time; the duration of a shorter one is subtracted from it. If a server has
   * said when to come back (`retryAfterMs`), the client makes a last attempt at that time, even if that is later.
   */
  readonly reconnectTimeoutMs?: number | undefined
}

/** {@link ReconnectOptions} in which every member is set. */
export type ReconnectSettings = {
  readonly [Name in keyof ReconnectOptions]-?: NonNullable<ReconnectOptions[Name]>
}
