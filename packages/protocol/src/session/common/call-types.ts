import type { CallKind } from '../../envelope/call-kind.ts'
import type { Body } from '../../envelope/codec.ts'
import type { Metadata } from '../../envelope/envelope.ts'
import type { RpcError } from '../../rpc-error.ts'

/** A call made by this side. */
export interface OutgoingCallOptions {
  /** `contract/procedure.path`. */
  readonly procedure: string
  readonly input: Body
  /** Budget in milliseconds, sent as what is left; the call fails here with DEADLINE_EXCEEDED. */
  readonly deadlineMs?: number
  readonly metadata?: Metadata
  /** Items the peer may send before the next grant. Present: a stream call. */
  readonly initialCredit?: number
}

/** What becomes of a call made by this side. `settled` comes exactly once; items come only before it. */
export interface OutgoingCallEvents {
  item(body: Body): void
  /** `error` absent: `body` is the result (kind `none` for the end of a stream). */
  settled(error: RpcError | undefined, body: Body): void
}

export interface OutgoingCall {
  readonly id: number
  /** Allows `items` more items of a stream. No-op once settled. */
  grant(items: number): void
  /** Settles the call here at once with CANCELLED (or `error`), and tells the peer. No-op once settled. */
  cancel(error?: RpcError): void
}

/** A call made by the peer. Exactly one of `respond`, `fail`, `end` has effect; later ones are no-ops. */
export interface IncomingCall {
  readonly id: number
  readonly procedure: string
  /** Fingerprint given by the peer in its hello for this procedure, if any. */
  readonly fingerprint: string | undefined
  readonly input: Body
  /** On the session's clock: `nowMs()` at which the peer gives up; absent without a deadline. */
  readonly deadlineAtMs: number | undefined
  readonly metadata: Metadata
  readonly kind: CallKind
  /**
   * Aborted by the peer's cancel, the deadline, or the end of the session; its reason is an RpcError. The layer
   * above still answers an aborted call once its handler has stopped: nothing is sent, but the call no longer
   * counts against `callsAbandonedMax`.
   */
  readonly signal: AbortSignal
  /**
   * Answers. A body that cannot be sent fails the call instead, with INTERNAL and no text of this side, or with
   * RESOURCE_EXHAUSTED over the peer's limit.
   *
   * @param instead is told that failure, with the reason in its cause, and returns the one to be sent
   */
  respond(body: Body, instead?: (error: RpcError) => RpcError): void
  /** Fails the call. `instead` as for `respond`, when the data of `error` cannot be sent. */
  fail(error: RpcError, instead?: (error: RpcError) => RpcError): void
  /**
   * Sends one item. Uses one credit. Throws RpcError RESOURCE_EXHAUSTED for a body over the peer's limit, INTERNAL for
   * one without a form on the wire (the ProtocolError is its cause) and FAILED_PRECONDITION without credit: await
   * `ready()` before each item.
   */
  sendItem(body: Body): void
  /** Whether an item may be sent now, so that nobody has to wait for {@link ready}. */
  readonly canSendItem: boolean
  /** Settles when there is credit and the connection is not over its watermark; rejects once `signal` aborts. */
  ready(): Promise<void>
  end(): void
}
