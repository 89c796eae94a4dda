import type { RpcError, SessionCloseReason } from '@frameport/protocol'
import type { CallWatch, OutgoingCallMessage } from '@frameport/protocol/calling'
import type { CallKind } from '@frameport/protocol/envelope'
import type { IncomingCallMessage, WatchedCall } from '@frameport/protocol/serving'
import type { IncomingCall } from '@frameport/protocol/session'
import type { ServerConnection } from './connection-types.ts'

/** The message of the channel `frameport.server.call`: the same object for all events of one call. */
export interface ServerCallMessage extends IncomingCallMessage {
  /**
   * The full name of the procedure: `chat/join`. For a procedure that the server does not have, the name that the
   * client sent.
   */
  readonly procedure: string
  /** The kind of the call, such as `unary`. */
  readonly kind: CallKind
  /** The connection of the caller. */
  readonly connection: ServerConnection
  /** The number of the call on its connection; 0 for a one-way call. Log lines have it under `call`. */
  readonly callId: number
  /** The metadata of the call, such as `traceparent`. */
  readonly metadata: IncomingCall['metadata']
}

/** The message of the channel `frameport.server.call-to-client`: the same object for all events of one call. */
export interface CallToClientMessage extends OutgoingCallMessage {
  /** The full name of the procedure: `chat/confirm`. */
  readonly procedure: string
  /** The kind of the call, such as `unary`. */
  readonly kind: CallKind
  /** The connection of the client that is called. */
  readonly connection: ServerConnection
}

/** The message of the channel `frameport.server.connection`: a connection has changed its state. */
export interface ServerConnectionMessage {
  /**
   * - `connected`: the server has let the client in
   * - `detached`: the connection is lost, and its session waits for the client
   * - `resumed`: the client has come back
   * - `closed`: the connection has ended for good. Also published if the server never let the client in
   */
  readonly state: 'connected' | 'detached' | 'resumed' | 'closed'
  /** The connection whose state has changed. */
  readonly connection: ServerConnection
  /** The reason for `detached` or `closed`. Undefined otherwise. */
  readonly reason: SessionCloseReason | undefined
}

/** The message of the channel `frameport.server.slow-subscriber`: a subscriber does not keep up. */
export interface SlowSubscriberMessage {
  /** The connection, which the server is about to close. */
  readonly connection: ServerConnection
  /** A text with the event that waited, and for how long. */
  readonly message: string
}

/** Publishes diagnostics of a server. */
export interface ServerDiagnostics {
  /** Whether anybody is subscribed to calls. */
  readonly watchesCalls: boolean
  /** Publishes a call, and runs `begin`, which starts it. */
  watch<Result>(
    call: WatchedCall,
    from: { readonly connection: ServerConnection; readonly nowMs: () => number },
    begin: () => Result,
  ): Result
  /** Returns the watcher of the calls that the server makes to one client. */
  callsTo(connection: ServerConnection, nowMs: () => number): CallWatch
  /** Publishes a call whose handler is not run. */
  refused(call: IncomingCall, connection: ServerConnection, error: RpcError): void
  connection(
    state: ServerConnectionMessage['state'],
    connection: ServerConnection,
    reason?: SessionCloseReason,
  ): void
  slowSubscriber(connection: ServerConnection, message: string): void
}
