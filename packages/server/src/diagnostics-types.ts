import type { RpcError, SessionCloseReason } from '@frameport/protocol'
import type { CallWatch, OutgoingCallMessage } from '@frameport/protocol/calling'
import type { CallKind } from '@frameport/protocol/envelope'
import type { IncomingCallMessage, WatchedCall } from '@frameport/protocol/serving'
import type { IncomingCall } from '@frameport/protocol/session'
import type { ServerConnection } from './connection-types.ts'

/** The message of `frameport.server.call`: one object for all events of one call. */
export interface ServerCallMessage extends IncomingCallMessage {
  /** `chat/join`. Of a procedure that the server does not know, the name that the client has sent. */
  readonly procedure: string
  readonly kind: CallKind
  readonly connection: ServerConnection
  /** The number of the call on its connection; 0 for a call without an answer. The log of the server has both. */
  readonly callId: number
  /** What the caller has sent with the call: `traceparent`, for example. */
  readonly metadata: IncomingCall['metadata']
}

/** The message of `frameport.server.call-to-client`: one object for all events of one call. */
export interface CallToClientMessage extends OutgoingCallMessage {
  /** `chat/confirm`. */
  readonly procedure: string
  readonly kind: CallKind
  /** Of the client that is called. */
  readonly connection: ServerConnection
}

/** The message of `frameport.server.connection`. */
export interface ServerConnectionMessage {
  /**
   * - `connected`: the server has let the client in
   * - `detached`: the connection is lost, and its session waits for the client
   * - `resumed`: the client has come back
   * - `closed`: for good. Also published for a connection that was never let in
   */
  readonly state: 'connected' | 'detached' | 'resumed' | 'closed'
  readonly connection: ServerConnection
  /** Why it is `detached` or `closed`. */
  readonly reason: SessionCloseReason | undefined
}

/** The message of `frameport.server.slow-subscriber`. */
export interface SlowSubscriberMessage {
  /** The server is about to disconnect it. */
  readonly connection: ServerConnection
  /** Which event waited, and for how long. */
  readonly message: string
}

/** Where a server publishes what it does. */
export interface ServerDiagnostics {
  /** Whether anybody is subscribed to calls. */
  readonly watchesCalls: boolean
  /** Publishes a call, and runs `begin`, which begins it. */
  watch<Result>(
    call: WatchedCall,
    from: { readonly connection: ServerConnection; readonly nowMs: () => number },
    begin: () => Result,
  ): Result
  /** What watches the calls that the server makes of one client. */
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
