import type { FrameChannel } from '@frameport/framing'
import type { CallKind } from '../../envelope/call-kind.ts'
import type { Body } from '../../envelope/codec.ts'
import type { ContractAnnouncement, Metadata } from '../../envelope/envelope.ts'
import type { RpcError } from '../../rpc-error.ts'
import type { SessionLimits } from './session-limits.ts'

/** Everything a session knows of the outside world: handed in, so that virtual time can replace it. */
export interface SessionEnvironment {
  /** Monotonic milliseconds. */
  nowMs(): number
  /** Runs `callback` once after `delayMs`. The timer must not keep a process alive by itself. */
  setTimer(delayMs: number, callback: () => void): SessionTimer
  /** A number in [0, 1). */
  random(): number
}

export interface SessionTimer {
  cancel(): void
}

export interface HelloInfo {
  readonly contracts: readonly ContractAnnouncement[]
  readonly auth: Body
  readonly metadata: Metadata
}

export interface WelcomeInfo {
  readonly contracts: readonly ContractAnnouncement[]
  readonly metadata: Metadata
  /** The peer's limits, announced. */
  readonly bodyBytesMax: number
  readonly callsInFlightMax: number
}

/** Why a session ended. `CLOSED` is the orderly end; the others are typed reasons for logs. */
export type SessionCloseCode =
  | 'CLOSED'
  | 'CONNECTION_LOST'
  | 'HELLO_TIMEOUT'
  | 'HELLO_REFUSED'
  | 'VERSION_UNSUPPORTED'
  | 'NOT_FRAMEPORT'
  | 'FRAME_TOO_LONG'
  | 'TRUNCATED'
  | 'MALFORMED_ENVELOPE'
  | 'UNKNOWN_KIND'
  | 'PROTOCOL_VIOLATION'
  | 'LIMIT_EXCEEDED'
  | 'HEARTBEAT_TIMEOUT'
  | 'ABORTED'

export interface SessionCloseReason {
  readonly code: SessionCloseCode
  readonly message: string
  readonly cause?: unknown
}

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

export interface SessionEvent {
  /** `contract/event`. */
  readonly event: string
  readonly topic: string
  readonly body: Body
}

/**
 * What the layer above gives the session. All callbacks are made from inside a `FrameSink` call or a timer. One that
 * returns a promise which rejects is treated as one that throws; nothing waits for it, apart from `hello`.
 */
export interface SessionHandlers {
  /** Server only: decide about a hello. Reject with an RpcError to refuse (the client sees its code). */
  hello?(hello: HelloInfo): Promise<{ readonly metadata?: Metadata }>
  /** Both sides: the handshake is done. */
  opened(peer: WelcomeInfo): void
  call(call: IncomingCall): void
  event(event: SessionEvent): void
  /** The peer will start no more calls and wants this side to start none; open calls go on. */
  goaway(): void
  /**
   * One of these callbacks, or of those of a call, threw `error` or rejected with it. The session goes on (a call whose `call` callback threw fails with
   * INTERNAL). Absent: the error surfaces as an unhandled rejection, because it is a defect of the layer above.
   */
  uncaught?(error: unknown): void
  /** Everything has settled (each outgoing call got `settled`, each incoming one's signal aborted). Once, last. */
  closed(reason: SessionCloseReason): void
}

export interface SessionOptions {
  readonly role: 'client' | 'server'
  readonly environment: SessionEnvironment
  readonly handlers: SessionHandlers
  readonly contracts: readonly ContractAnnouncement[]
  readonly limits?: Partial<SessionLimits>
  /** Client only: sent in the hello. */
  readonly auth?: Body
  readonly metadata?: Metadata
}

/** One side of one conversation, made by `createSession(options)`. */
export interface Session {
  readonly state: 'opening' | 'open' | 'draining' | 'closed'
  /** What the peer announced; undefined before `opened`. */
  readonly peer: WelcomeInfo | undefined
  readonly callsInFlight: number
  /** Bytes queued in the channel below. */
  readonly queuedBytes: number
  /**
   * Gives the session its channel, which it starts and from then on owns. Once. A session that is closed already aborts
   * the channel instead.
   *
   * @throws ProtocolError INVALID_OPTION for what is no channel, or a second one; what the channel throws when it is
   *   started, after which the session is closed
   */
  attach(channel: FrameChannel): void
  /**
   * Starts a call. Before `opened` it is queued, in order. When the session is draining or closed, or a limit
   * is hit, `settled` is called with an RpcError (UNAVAILABLE, RESOURCE_EXHAUSTED) in a later microtask.
   */
  call(options: OutgoingCallOptions, events: OutgoingCallEvents): OutgoingCall
  /** Sends an event. `full` and `closed` are for the caller to act on; the event was taken unless `closed`. */
  emit(event: SessionEvent): 'sent' | 'queued' | 'full' | 'closed'
  /**
   * Orderly: goaway, wait for open calls at most `graceMs` (Infinity: as long as they take), end. Settles when closed.
   * Idempotent. Rejects with a ProtocolError `INVALID_LIMITS`, and closes nothing, when `graceMs` is no duration.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>
  /** At once. */
  abort(reason: SessionCloseReason): void
}
