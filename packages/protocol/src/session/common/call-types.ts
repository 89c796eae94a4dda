import type { CallKind } from '../../envelope/call-kind.ts'
import type { Body } from '../../envelope/codec.ts'
import type { Metadata } from '../../envelope/envelope-parts.ts'
import type { Credit, LogPosition } from '../../envelope/session-envelopes.ts'
import type { WindowRoom } from '../../growing-window.ts'
import type { RpcError } from '../../rpc-error.ts'

/** A change of a subscription that this side asks for. */
export interface OutgoingSubscription {
  /** Whether the events of the topic are wanted, or no longer. */
  readonly kind: 'subscribe' | 'unsubscribe'
  /** The name of the event: `contract@version/event`. */
  readonly event: string
  /** The topic as canonical JSON; empty for an event without topics. */
  readonly topic: string
  /** For `subscribe`: asks for the events after this position of the log first. */
  readonly position?: LogPosition | undefined
}

/** A change of a subscription that the peer asks for. */
export interface IncomingSubscription extends OutgoingSubscription {
  /** The call that carries it. Answer it with `respond` without a body, or with `fail`. */
  readonly call: IncomingCall
  /**
   * Answers with success, as `respond` without a body.
   *
   * @param position the position after which the events of the topic begin, if there is a log
   * @param given called when the answer was handed to the connection: events that are emitted from then on follow it
   */
  accept(position?: LogPosition | undefined, given?: (() => void) | undefined): void
}

/** Options of a call that this side makes. */
export interface OutgoingCallOptions {
  /** The name of the procedure: `contract@version/procedure.path`. */
  readonly procedure: string
  /** The input. */
  readonly input: Body
  /**
   * Milliseconds until the call fails with DEADLINE_EXCEEDED. The envelope carries the remaining time. Default: no
   * deadline.
   */
  readonly deadlineMs?: number | undefined
  /** The metadata of the call. Default: none. */
  readonly metadata?: Metadata | undefined
  /** What the peer may send before the next grant. With it the call asks for items. Default: one result. */
  readonly initialCredit?: Credit | undefined
  /**
   * Called when the handler of a stream has taken its first step, up to its first `await` or `yield`. Called at most
   * once and before the first item; not called if an item or the end arrives as soon. With it the peer is asked to
   * report the start.
   */
  readonly started?: (() => void) | undefined
  /**
   * Returns this side's fingerprint of the procedure, for a strict peer. Called when the call is sent, after the peer
   * has announced its contracts.
   */
  fingerprint?(): string | undefined
  /** The change of a subscription. Such a call has no procedure. */
  readonly subscription?: OutgoingSubscription
  /** Whether this side sends items with the call: see {@link OutgoingCall.upload}. Default: false. */
  readonly upload?: boolean
  /**
   * Whether the call gets no answer. It takes no slot, and `settled` reports that it was handed to the connection.
   * Not together with `initialCredit` or `upload`. Default: false.
   */
  readonly isOneway?: boolean
}

/** The items that this side sends with a call. */
export interface OutgoingUpload {
  /** Whether an item may be sent now, without waiting for {@link OutgoingUpload.ready}. */
  readonly canSend: boolean
  /**
   * Resolves with true when there is credit, the item before was sent and the connection is below its watermark; with
   * false when the callee accepts no more items, because it said so or because the call has settled. Never rejects.
   */
  ready(): Promise<boolean>
  /**
   * Sends one item, which uses one item of the credit and its length of the bytes. Does nothing once the callee
   * accepts no more.
   *
   * @throws RpcError RESOURCE_EXHAUSTED for a body above the peer's limit, INVALID_ARGUMENT for a value that cannot
   *   be encoded, FAILED_PRECONDITION without credit and after the end. Nothing was sent then
   */
  send(body: Body): void
  /** Ends the items. The call continues until the callee has answered. Can be called more than once. */
  end(): void
}

/** Callbacks of a call that this side makes. `settled` is called exactly once, and no item follows it. */
export interface OutgoingCallEvents {
  /**
   * Called with each item.
   *
   * @param bytes the length of its body on the wire, as credit counts it
   * @param heldBytes what it holds until it is read, as estimated for the decoded value: for {@link
   *   OutgoingCall.keep}
   */
  item(body: Body, bytes: number, heldBytes: number): void
  /**
   * Called instead of `item` with an item over 4 KiB, for a caller that may have to keep it. The item is held as it
   * arrived until `read` decodes it, because a decoded text of brackets takes about 13 times its length. If `read`
   * returns an error, the caller must cancel the call with it.
   */
  longItem?(read: () => Body | RpcError, bytes: number, heldBytes: number): void
  /** Called when the callee accepts no more items of the upload. At most once, before `settled`. */
  stopped?(): void
  /**
   * Called for a subscription with the position after which the events of its topic begin. At most once, before
   * `settled`.
   */
  startsAfter?(position: LogPosition): void
  /**
   * Called when the call has ended.
   *
   * @param error why it failed; undefined if it succeeded
   * @param body the result; of the kind `none` at the end of a stream
   */
  settled(error: RpcError | undefined, body: Body): void
}

/** A call that this side has made. */
export interface OutgoingCall extends WindowRoom {
  /** The id of the call. A call without an answer does not send it. */
  readonly id: number
  /** When it fails with DEADLINE_EXCEEDED, on the clock of the session (`nowMs()`); undefined without a deadline. */
  readonly deadlineAtMs: number | undefined
  /** Sends items with the call; undefined for a call without an upload. */
  readonly upload: OutgoingUpload | undefined
  /** Grants the peer further items and bytes of a stream. Does nothing once the call has settled. */
  grant(credit: Credit): void
  /**
   * Counts items that the owner keeps as memory of the session, until it calls this again with a negative number. It
   * also works after the call has settled. An owner that handles items as they arrive keeps none.
   */
  keep(bytes: number): void
  /**
   * Sets `started` of a call that was made already. It is called in a microtask if the peer has reported the start.
   * Does nothing for a call without items, if it was set before, after an item, and once the call has settled.
   */
  askStarted(started: () => void): void
  /**
   * Settles the call at once with CANCELLED or with `error`, and informs the peer. Its slot is free when the peer has
   * answered. Does nothing once the call has settled.
   */
  cancel(error?: RpcError): void
}

/**
 * Callbacks for the items that the peer sends with its call. None is called after the call was answered or aborted.
 */
export interface IncomingUploadEvents {
  /**
   * Called with each item.
   *
   * @param bytes the length of its body on the wire, as credit counts it
   */
  item(body: Body, bytes: number): void
  /** Called instead of `item` with an item over 4 KiB: see {@link OutgoingCallEvents.longItem}. */
  longItem?(read: () => Body | RpcError, bytes: number): void
  /** Called once, after the last item. */
  end(): void
}

/** The items that the caller sends with a call. */
export interface IncomingUpload extends WindowRoom {
  /**
   * Sets the callbacks for the items. Call it before the session's `call` callback returns; otherwise the caller is
   * asked to send none.
   */
  receive(events: IncomingUploadEvents): void
  /** Grants the caller further items and bytes. Does nothing once no more items come. */
  grant(credit: Credit): void
  /** Call it when the oldest item was read: it no longer counts as memory of the session. */
  taken(): void
  /** Accepts no more items, and informs the caller. Does nothing once no more items come. */
  stop(): void
}

/**
 * The code that gave an answer. It is an object and not a pair of functions, which would cost every call two
 * closures.
 */
export interface AnswerOwner {
  /**
   * Called if the answer cannot be sent.
   *
   * @param error the failure, with the reason as its cause
   * @returns the failure that is sent instead
   */
  unsendable(error: RpcError): RpcError
  /** Called when the answer was handed to the connection. */
  given?(): void
}

/**
 * A call that the peer has made. Only the first of `respond`, `fail`, `refuse` and `end` has an effect. For a call
 * without an answer each of them only reports that its handler has stopped.
 */
export interface IncomingCall {
  /** The id of the call on the wire; 0 for a call without an answer. */
  readonly id: number
  /** The name of the procedure: `contract@version/procedure.path`. */
  readonly procedure: string
  /** The fingerprint that the peer sent with the call; undefined if it sent none. */
  readonly fingerprint: string | undefined
  /** The input. Raw bytes are the receiver's own copy. */
  readonly input: Body
  /** When the caller gives up, on the clock of the session (`nowMs()`); undefined without a deadline. */
  readonly deadlineAtMs: number | undefined
  /** The metadata of the call. */
  readonly metadata: Metadata
  /** The kind of the call, as the caller made it. */
  readonly kind: CallKind
  /** The items of the caller; undefined for a call without an upload. */
  readonly upload: IncomingUpload | undefined
  /**
   * Aborted by the cancel of the peer, the deadline, or the end of the session, with an RpcError as the reason. An
   * aborted call must still be answered when its handler has stopped: the peer gets a failure with that reason, and
   * the slot of the call is free.
   */
  readonly signal: AbortSignal
  /** The same as `signal.aborted`, without making the signal. */
  readonly isAborted: boolean
  /**
   * Answers with a result. A body that cannot be sent fails the call instead: with INTERNAL and no text of this side,
   * or with RESOURCE_EXHAUSTED above the peer's limit. While the peer does not read, the answer waits as it is, so
   * `body` must not change.
   *
   * @param owner called with what happens to the answer
   */
  respond(body: Body, owner?: AnswerOwner): void
  /**
   * Fails the call.
   *
   * @param owner called if the data of `error` cannot be sent
   */
  fail(error: RpcError, owner?: AnswerOwner): void
  /**
   * Fails the call before anything of it was done. If too many calls of the peer are refused (`refusalsPerSecondMax`)
   * the session ends with LIMIT_EXCEEDED instead.
   */
  refuse(error: RpcError): void
  /**
   * Sends one item, which uses one item of the credit and its length of the bytes. Await `ready()` before each item.
   *
   * @throws RpcError RESOURCE_EXHAUSTED for a body above the peer's limit, INTERNAL for a value that cannot be
   *   encoded (the ProtocolError is its cause), FAILED_PRECONDITION without credit
   */
  sendItem(body: Body): void
  /**
   * Reports that the handler has taken its first step. A caller that asked for it is informed, unless an item or an
   * answer in this turn of the event loop shows it as well. Does nothing for a call without items, and when called
   * again.
   */
  handlerStarted(): void
  /** Whether an item may be sent now, without waiting for {@link IncomingCall.ready}. */
  readonly canSendItem: boolean
  /**
   * Resolves when there is credit, the item before was sent and the connection is below its watermark. Rejects when
   * `signal` is aborted.
   */
  ready(): Promise<void>
  /** Ends the items, which answers a call that asked for items. */
  end(): void
}
