import type { SessionCloseReason } from '@frameport/protocol'
import type { CallWatch, OutgoingCallMessage } from '@frameport/protocol/calling'
import type { CallKind } from '@frameport/protocol/envelope'
import type { IncomingCallMessage, WatchedCall } from '@frameport/protocol/serving'
import type { IncomingCall } from '@frameport/protocol/session'
import type { ConnectionChange, ConnectionState, SessionStart } from './reconnect-types.ts'

/** Identifies the client that a message is about. */
interface FromClient {
  /** The number of the client in its thread, from 1. */
  readonly clientId: number
  /** The address of its server: `tcp://127.0.0.1:5500`. With several addresses, the one that was tried last. */
  readonly remoteEndpoint: string
}

/** The message of the channel `frameport.client.call`. All events of one call share one object. */
export interface ClientCallMessage extends OutgoingCallMessage, FromClient {
  /** The full name of the procedure: `chat/join`. */
  readonly procedure: string
  /** The kind of the call: `unary`, `stream` and so on. */
  readonly kind: CallKind
}

/** The message of the channel `frameport.client.call-from-server`. All events of one call share one object. */
export interface CallFromServerMessage extends IncomingCallMessage, FromClient {
  /** The full name of the procedure: `chat/confirm`. */
  readonly procedure: string
  /** The kind of the call: `unary`, `stream` and so on. */
  readonly kind: CallKind
  /** The metadata that the server has sent with the call. */
  readonly metadata: IncomingCall['metadata']
}

/** The message of the channel `frameport.client.connection`. */
export interface ClientConnectionMessage extends FromClient {
  /**
   * - `connecting`: the client has had no connection yet; published again after each attempt that failed
   * - `connected`: the first session has begun
   * - `reconnecting`: the connection is lost; published again after each attempt that failed
   * - `resumed`: the session continues over another connection
   * - `replaced`: a new session has begun over another connection
   * - `draining`: open calls may finish, and new ones are refused
   * - `closed`: the client has ended for good
   */
  readonly state: Exclude<ConnectionState, 'open'> | 'connected' | 'resumed' | 'replaced'
  /** Why there is no connection, why the last attempt failed, or why the client ends. */
  readonly reason: SessionCloseReason | undefined
  /** The number of attempts that failed in a row, and of connections that did not last. Set only while there is no connection. */
  readonly failures: number | undefined
  /** How long the client waits before the next attempt, in milliseconds. Set only while there is no connection. */
  readonly delayMs: number | undefined
}

/** Publishes the diagnostics of one client. */
export interface ClientDiagnostics {
  readonly calls: CallWatch
  /** Whether anybody is subscribed to calls of the server. */
  readonly watchesCallsFromServer: boolean
  /** Publishes a call of the server, and runs `begin`, which starts it. */
  watch<Result>(call: WatchedCall, begin: () => Result): Result
  changed(change: ConnectionChange): void
  started(start: SessionStart): void
}

/** The part of a client that its diagnostics use. */
export interface WatchedClient {
  remoteEndpoint(): string
  nowMs(): number
}
