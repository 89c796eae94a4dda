import type { CallKind } from '../../envelope/call-kind.ts'
import type { Body } from '../../envelope/codec.ts'
import type { Metadata } from '../../envelope/envelope-parts.ts'
import type { Credit, LogPosition } from '../../envelope/session-envelopes.ts'
import type { WindowRoom } from '../../growing-window.ts'
import type { RpcError } from '../../rpc-error.ts'

/** A subscription that is asked for or given back. */
export interface OutgoingSubscription {
  readonly kind: 'subscribe' | 'unsubscribe'
  /** `contract@version/event`. */
  readonly event: string
  /** Canonical JSON, empty for an event without topics. */
  readonly topic: string
  /** Of a subscribe: what came after this position of the log is wanted first. */
  readonly position?: LogPosition | undefined
}

/** The peer asks for a subscription, or gives one back. */
export interface IncomingSubscription extends OutgoingSubscription {
  /** To be answered by `respond` without a body, or by `fail`. */
  readonly call: IncomingCall
  /**
   * Answers with success, as `respond` without a body.
   *
   * @param position after which the events of the topic begin, when there is a log of them
   * @param given called when the answer was given to the connection: what is emitted from then on comes behind it
   */
  accept(position?: LogPosition | undefined, given?: (() => void) | undefined): void
}

/** A call made by this side. */
export interface OutgoingCallOptions {
  /** `contract@version/procedure.path`. */
  readonly procedure: string
  readonly input: Body
  /** Budget in milliseconds, sent as what is left; the call fails here with DEADLINE_EXCEEDED. */
  readonly deadlineMs?: number | undefined
  readonly metadata?: Metadata | undefined
  /** What the peer may send before the next grant, in items and bytes of their bodies. Present: a stream call. */
  readonly initialCredit?: Credit | undefined
  /**
   * The handler of a stream has taken its first step: what it does before its first `await` or `yield` is done. At most once,
   * before the first item, and not at all when an item or the end comes as soon. The peer is asked to say it when
   * this is given.
   */
  readonly started?: (() => void) | undefined
  /**
   * The fingerprint of the procedure as this side knows it, for a peer that is strict. Asked when the call is sent, when
   * what the peer announced is known.
   */
  fingerprint?(): string | undefined
  /** It changes a subscription and calls no procedure. */
  readonly subscription?: OutgoingSubscription
  /** This side sends items of its own with the call, and an end of them: see {@link OutgoingCall.upload}. */
  readonly upload?: boolean
  /**
   * The peer does not answer. It takes no slot, and `settled` says that it was handed to the connection. Not together with
   * `initialCredit` or `upload`.
   */
  readonly isOneway?: boolean
}

/** The items of a call that this side sends with it. */
export interface OutgoingUpload {
  /** Whether an item may be sent now, so that nobody has to wait for {@link ready}. */
  readonly canSend: boolean
  /**
   * Settles with true when there is credit, the item before is out and the connection is not over its watermark; with false when the
   * callee takes no more items, because it said so or because the call has settled. Never rejects.
   */
  ready(): Promise<boolean>
  /**
   * Sends one item. Uses one item of the credit, and its length of the bytes. No-op once the callee takes no more.
   *
   * @throws RpcError RESOURCE_EXHAUSTED for a body over the peer's limit, INVALID_ARGUMENT for one without a form on the wire,
   *   FAILED_PRECONDITION without credit and after the end: nothing was sent then
   */
  send(body: Body): void
  /** There are no more items. The call goes on until the callee has answered. Idempotent. */
  end(): void
}

/** What becomes of a call made by this side. `settled` comes exactly once; items come only before it. */
export interface OutgoingCallEvents {
  /**
   * @param bytes what its body took on the wire, as credit counts it
   * @param heldBytes what it holds until it is read, as estimated for the decoded value: for {@link OutgoingCall.keep}
   */
  item(body: Body, bytes: number, heldBytes: number): void
  /**
   * An item over 4 KiB, for a caller that may have to keep it: `item` is not called for it then. It is held as it came until
   * `read` decodes it, because decoded a text of brackets takes some 13 times its length. A caller to which `read` gives an
   * error cancels the call with that.
   */
  longItem?(read: () => Body | RpcError, bytes: number, heldBytes: number): void
  /** The callee takes no more items of the upload. At most once, before `settled`, which follows in its own time. */
  stopped?(): void
  /** Of a subscription: the position after which the events of its topic begin. At most once, before `settled`. */
  startsAfter?(position: LogPosition): void
  /** `error` absent: `body` is the result (kind `none` for the end of a stream). */
  settled(error: RpcError | undefined, body: Body): void
}

export interface OutgoingCall extends WindowRoom {
  readonly id: number
  /** On the session's clock: `nowMs()` at which it fails with DEADLINE_EXCEEDED; undefined without a deadline. */
  readonly deadlineAtMs: number | undefined
  /** Absent in a call without items of this side. */
  readonly upload: OutgoingUpload | undefined
  /** Allows more items and more bytes of a stream. No-op once settled. */
  grant(credit: Credit): void
  /**
   * The owner keeps items that hold so much, until it calls again with less than 0: they count as memory of the session meanwhile, also when the call has
   * settled. Who handles items as they come keeps none.
   */
  keep(bytes: number): void
  /**
   * As `started` of the options, for a call that is made already. In a microtask when the peer has said it by itself. No-op for
   * one without items, once asked, behind an item, and once settled.
   */
  askStarted(started: () => void): void
  /**
   * Settles the call here at once with CANCELLED (or `error`), and tells the peer. Its slot is free when the peer has
   * answered. No-op once settled.
   */
  cancel(error?: RpcError): void
}

/** What becomes of the items that the peer sends with its call. Nothing comes once the call was answered or aborted. */
export interface IncomingUploadEvents {
  /** @param bytes what its body took on the wire, as credit counts it */
  item(body: Body, bytes: number): void
  /** An item over 4 KiB, for a callee that may have to keep it: as `longItem` of an outgoing call. */
  longItem?(read: () => Body | RpcError, bytes: number): void
  /** There are no more. Once, after the last item. */
  end(): void
}

/** The items of a call that its caller sends with it. */
export interface IncomingUpload extends WindowRoom {
  /**
   * From here on `events` get the items. To be called before the session's `call` returns; else the caller is told to
   * send none.
   */
  receive(events: IncomingUploadEvents): void
  /** Allows more items and more bytes. No-op once nothing more comes. */
  grant(credit: Credit): void
  /** The oldest item that came was read: it does not count as memory of the session any more. */
  taken(): void
  /** Takes no more items, and tells the caller. No-op once nothing more comes. */
  stop(): void
}

/**
 * A call made by the peer. Exactly one of `respond`, `fail`, `refuse`, `end` has effect; later ones are no-ops. For one
 * without an answer each of them says only that its handler has stopped.
 */
/** Who gave an answer. An object, and no functions: those would cost every call a closure each. */
export interface AnswerOwner {
  /** The answer cannot be sent. @returns the failure that goes out in its place; what it is given has the reason as its cause */
  unsendable(error: RpcError): RpcError
  /** It has turned out to be one that can be sent, and was given to the connection. */
  given?(): void
}

export interface IncomingCall {
  /** 0 for a call without an answer. */
  readonly id: number
  readonly procedure: string
  /** The fingerprint that the peer gave with the call, if any. */
  readonly fingerprint: string | undefined
  readonly input: Body
  /** On the session's clock: `nowMs()` at which the peer gives up; absent without a deadline. */
  readonly deadlineAtMs: number | undefined
  readonly metadata: Metadata
  readonly kind: CallKind
  /** Absent in a call without items of the caller. */
  readonly upload: IncomingUpload | undefined
  /**
   * Aborted by the peer's cancel, the deadline, or the end of the session; its reason is an RpcError. The layer
   * above still answers an aborted call once its handler has stopped: the peer gets a failure with that reason, and the
   * call's slot is free.
   */
  readonly signal: AbortSignal
  /** As `signal.aborted`, which makes the signal. */
  readonly isAborted: boolean
  /**
   * Answers. A body that cannot be sent fails the call instead, with INTERNAL and no text of this side, or with
   * RESOURCE_EXHAUSTED over the peer's limit. While the peer does not read, the answer waits as it is: `body` must not
   * change.
   *
   * @param owner is told what becomes of it
   */
  respond(body: Body, owner?: AnswerOwner): void
  /** Fails the call. `owner` is told when the data of `error` cannot be sent. */
  fail(error: RpcError, owner?: AnswerOwner): void
  /**
   * Fails the call before anything of it was done. A peer whose calls are refused too often (`refusalsPerSecondMax`) is
   * told so by a goaway instead, and the session ends with LIMIT_EXCEEDED.
   */
  refuse(error: RpcError): void
  /**
   * Sends one item. Uses one item of the credit, and its length of the bytes. Throws RpcError RESOURCE_EXHAUSTED for a
   * body over the peer's limit, INTERNAL for one without a form on the wire (the ProtocolError is its cause) and
   * FAILED_PRECONDITION without credit: await `ready()` before each item.
   */
  sendItem(body: Body): void
  /**
   * The handler has taken its first step. A caller that asked for it is told, unless an item or an answer of this turn of the
   * event loop says it as well. No-op for a call without items, and when called again.
   */
  handlerStarted(): void
  /** Whether an item may be sent now, so that nobody has to wait for {@link ready}. */
  readonly canSendItem: boolean
  /**
   * Settles when there is credit, the item before is out and the connection is not over its watermark; rejects once
   * `signal` aborts.
   */
  ready(): Promise<void>
  end(): void
}
