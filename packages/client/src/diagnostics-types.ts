import type { SessionCloseReason } from '@frameport/protocol'
import type { CallWatch, OutgoingCallMessage } from '@frameport/protocol/calling'
import type { CallKind } from '@frameport/protocol/envelope'
import type { IncomingCallMessage, WatchedCall } from '@frameport/protocol/serving'
import type { IncomingCall } from '@frameport/protocol/session'
import type { ConnectionChange, ConnectionState, SessionStart } from './reconnect-types.ts'

/** Which client of the process a message is about. */
interface FromClient {
  /** The number of the client in its thread, from 1 on. */
  readonly clientId: number
  /** Where its server is: `tcp://127.0.0.1:5500`. Of several addresses the one that was tried last. */
  readonly remoteEndpoint: string
}

/** The message of `frameport.client.call`: one object for all events of one call. */
export interface ClientCallMessage extends OutgoingCallMessage, FromClient {
  /** `chat/join`. */
  readonly procedure: string
  readonly kind: CallKind
}

/** The message of `frameport.client.call-from-server`: one object for all events of one call. */
export interface CallFromServerMessage extends IncomingCallMessage, FromClient {
  /** `chat/confirm`. */
  readonly procedure: string
  readonly kind: CallKind
  /** What the server has sent with the call. */
  readonly metadata: IncomingCall['metadata']
}

/** The message of `frameport.client.connection`. */
export interface ClientConnectionMessage extends FromClient {
  /**
   * - `connecting`: there was no connection yet; published again when an attempt has failed
   * - `connected`: the first session has begun
   * - `reconnecting`: the connection is lost; published again when an attempt has failed
   * - `resumed`: there is another connection, and the session goes on
   * - `replaced`: there is another connection, with a new session
   * - `draining`: open calls may finish, and no new ones are made
   * - `closed`: for good
   */
  readonly state: Exclude<ConnectionState, 'open'> | 'connected' | 'resumed' | 'replaced'
  /** Why there is no connection, why the last attempt has failed, or why the client ends. */
  readonly reason: SessionCloseReason | undefined
  /** Attempts that have failed in a row, and connections that did not last. Only while there is no connection. */
  readonly failures: number | undefined
  /** How long the client waits before the next attempt. Only while there is no connection. */
  readonly delayMs: number | undefined
}

/** Where one client publishes what it does. */
export interface ClientDiagnostics {
  readonly calls: CallWatch
  /** Whether anybody is subscribed to calls of the server. */
  readonly watchesCallsFromServer: boolean
  /** Publishes a call of the server, and runs `begin`, which begins it. */
  watch<Result>(call: WatchedCall, begin: () => Result): Result
  changed(change: ConnectionChange): void
  started(start: SessionStart): void
}

/** What the diagnostics of a client know of it. */
export interface WatchedClient {
  remoteEndpoint(): string
  nowMs(): number
}
