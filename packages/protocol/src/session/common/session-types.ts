import type { FrameChannel } from '@frameport/framing'
import type { Body } from '../../envelope/codec.ts'
import type { OwnContract } from '../../envelope/contract-announcement.ts'
import type { Metadata } from '../../envelope/envelope-parts.ts'
import type { LogPosition } from '../../envelope/session-envelopes.ts'
import type { RpcError } from '../../rpc-error.ts'
import type {
  IncomingCall,
  IncomingSubscription,
  OutgoingCall,
  OutgoingCallEvents,
  OutgoingCallOptions,
  OutgoingSubscription,
} from './call-types.ts'
import type { SessionCloseReason } from './close-reason.ts'
import type { AskClient, ChallengeOptions, CredentialsAccepted, CredentialsInfo } from './credentials.ts'
import type { EmitVerdict, EventEncoding } from './event-types.ts'
import type { OpenedLink } from './opened-link.ts'
import type { HelloInfo, PeerInfo } from './peer-info.ts'
import type { SessionEnvironment } from './session-environment.ts'
import type { SessionHost } from './session-host.ts'
import type { SessionLimits } from './session-limits.ts'
import type { SessionShare } from './session-share.ts'
import type { SessionStats } from './session-stats.ts'

/** An event that is sent or was received. */
export interface SessionEvent {
  /** The name of the event: `contract@version/event`. */
  readonly event: string
  /** The topic as canonical JSON; empty for an event without topics. */
  readonly topic: string
  /** The payload. */
  readonly body: Body
  /** Its position in the log of its topic; absent if no log keeps it. */
  readonly position?: LogPosition | undefined
}

/** An event that the peer sent and that cannot be handled. */
export interface DroppedEvent {
  /** The name that the peer sent, without control characters. */
  readonly event: string
  /** The topic that the peer sent, without control characters. */
  readonly topic: string
  /** What is wrong with it, for people. */
  readonly problem: string
}

/** A call without an answer that the peer made and that was not run. */
export interface DroppedOneway {
  /** The name that the peer sent, without control characters. */
  readonly procedure: string
  /** Why it was not run, for people. */
  readonly problem: string
}

/** Events of a topic that the peer left out, in the place where they would have come. */
export interface EventGap {
  /** The name of the event: `contract@version/event`. */
  readonly event: string
  /** The topic as canonical JSON; empty for an event without topics. */
  readonly topic: string
  /** How many were left out; 0 if the peer does not know. */
  readonly events: number
  /** The position in the log after which the next event of the topic comes; absent without a log. */
  readonly position?: LogPosition | undefined
}

/** The peer's announcement that it is ending the session. */
export interface Goaway {
  /** False: the peer still accepts calls, but new ones should be made elsewhere. True: it accepts no further call. */
  readonly isFinal: boolean
  /** Milliseconds to wait before connecting again; undefined if the peer did not say. */
  readonly retryAfterMs: number | undefined
}

/**
 * The callbacks of a session. They are called from inside a `FrameSink` callback or a timer. A returned promise that
 * rejects is treated as a thrown error; except for `hello`, `credentials` and `challenged`, nothing waits for it.
 */
export interface SessionHandlers {
  /**
   * Server only: decides about a hello. Reject with an RpcError to refuse the client, which sees its code.
   *
   * @param ask asks for further credentials
   */
  hello?(hello: HelloInfo, ask: AskClient): Promise<HelloAccepted>
  /**
   * Server only: decides about credentials that the client gives on an open session, within `credentialsTimeoutMs`.
   * Throw or reject with an RpcError to refuse them: the client sees its code, and its former credentials stay valid.
   * Several credentials are decided on one after the other. Default: they are refused with UNIMPLEMENTED.
   */
  credentials?: ((given: CredentialsInfo) => CredentialsAccepted | Promise<CredentialsAccepted>) | undefined
  /**
   * Client only: returns credentials when the server asks for them, in the handshake or later, within
   * `credentialsTimeoutMs`. Without an answer (absent, or it throws or rejects) the handshake fails if there was an
   * error, and otherwise the server decides.
   */
  challenged?(challenge: Body): Body | Promise<Body>
  /**
   * Client only: called when a challenge on an open session could not be answered, or the server refused the answer
   * (an RpcError). The session continues. Default: ignored.
   */
  answerFailed?(error: unknown): void
  /** Called when the handshake is complete. */
  opened(peer: PeerInfo): void
  /**
   * Called when the connection was lost and the session waits for another one (`resumeWindowMs`), and again each time
   * an attempt to reconnect fails. A client connects again and passes the channel to `attach`; calls and events of
   * this side wait meanwhile. Also called by a session that was never open (`connectsAgain`). If the hello was
   * refused, the RpcError is the `cause` of the reason: an owner that does not want to try again aborts the session
   * with that reason.
   */
  detached?(reason: SessionCloseReason): void
  /** Called when the session continues over another connection. */
  resumed?(): void
  /**
   * Server only: called when the client resumes `session` over this session's connection. This session closes, and
   * was never opened.
   */
  moved?(session: Session): void
  /**
   * Client only: called when the server no longer knows the session, which ends. The connection is open: attach
   * `opened` to a new session before this returns, or it is closed. The calls of the old session settle afterwards.
   */
  forgotten?(opened: OpenedLink): void
  /** Called with each call of the peer. */
  call(call: IncomingCall): void
  /** Called when the peer subscribes to a topic or unsubscribes. Default: it is refused with UNIMPLEMENTED. */
  subscription?: ((request: IncomingSubscription) => void) | undefined
  /**
   * Called when the peer has ended a subscription that it had accepted. It is also called for any other failure of a
   * call that has settled: ignore an unknown id.
   *
   * @param callId the id of the call that made the subscription
   */
  subscriptionEnded?(callId: number, error: RpcError): void
  /**
   * Called with each event of the peer.
   *
   * @param bytes the length of its body on the wire
   */
  event(event: SessionEvent, bytes: number): void
  /**
   * Returns whether `event` should be called. An event that is not wanted is not decoded. Default: every event is
   * wanted.
   */
  wantsEvent?(event: string, topic: string): boolean
  /** Called when an event of the peer could not be handled. It was left out, and the session continues. */
  eventDropped?(dropped: DroppedEvent): void
  /** Called when a call of the peer without an answer was not run. It was left out, and the session continues. */
  onewayDropped?(dropped: DroppedOneway): void
  /** Called when the peer has left events out. */
  eventGap?(gap: EventGap): void
  /** Called when the session ends, or loses its connection, because the peer does not keep up with its events. */
  peerIsSlow?(message: string): void
  /**
   * Called when the peer accepts no more calls, or will soon accept none. Open calls continue. Calls that it did not
   * accept settle afterwards.
   */
  goaway(goaway: Goaway): void
  /**
   * Called when one of these callbacks, or a callback of a call, threw `error` or rejected with it. The session
   * continues; a call whose `call` callback threw fails with INTERNAL. Default: the error becomes an unhandled
   * rejection, because it is a bug in the owner of the session.
   */
  uncaught?(error: unknown): void
  /**
   * Called once, before `closed`, when the session ends for this reason. Its calls are about to settle, and its
   * channel is about to close.
   */
  ending?(reason: SessionCloseReason): void
  /**
   * Called once, as the last callback, when everything has settled: each call of this side got `settled`, and the
   * signal of each call of the peer is aborted.
   */
  closed(reason: SessionCloseReason): void
}

/** The decision to accept a hello. */
export interface HelloAccepted {
  /** The metadata of the welcome. Default: none. */
  readonly metadata?: Metadata
  /** The client that the credentials identify. Only the same principal can resume the session. Default: none. */
  readonly principal?: string | undefined
  /**
   * The error with which the client is refused unless it resumes a session, because there is no room for another one.
   */
  readonly unlessResumed?: RpcError | undefined
}

/** Options of `createSession`. */
export interface SessionOptions {
  /** Which side of the conversation this is. */
  readonly role: 'client' | 'server'
  /** The clock, the timers and the random numbers. */
  readonly environment: SessionEnvironment
  /** The callbacks of the session. */
  readonly handlers: SessionHandlers
  /** The contracts that this side announces. */
  readonly contracts: readonly OwnContract[]
  /** The limits that differ from `defaultSessionLimits`. */
  readonly limits?: Partial<SessionLimits>
  /** What the session has in common with others from the same place. Default: it counts alone. */
  readonly share?: SessionShare | undefined
  /** Client only: the credentials of the hello. Default: none. */
  readonly auth?: Body | undefined
  /**
   * Client only: whether the session waits for another channel (`detached` is called) when a channel fails before the
   * first handshake is complete, for whatever reason. Calls wait until its owner attaches the next channel, closes or
   * aborts it. Default: false; it ends with the first channel.
   */
  readonly connectsAgain?: boolean | undefined
  /** The metadata of the hello or the welcome. Default: none. */
  readonly metadata?: Metadata
  /**
   * What it shares with the other sessions of its server. Default: nothing; it has all of a turn, and no common
   * memory budget.
   */
  readonly host?: SessionHost
}

/** Options of {@link Session.close}. */
export interface SessionCloseOptions {
  /** Milliseconds that open calls may take. Default: the limit `closeGraceMs`. */
  readonly graceMs?: number | undefined
  /**
   * Says who closed the session, in the failures of this side's calls and in the message of the reason: `this client
   * was closed by $close()`. Default: `this side was closed`.
   */
  readonly closedBy?: string | undefined
}

/** Options of {@link Session.attach}. */
export interface ChannelOptions {
  /** Client only: the credentials of the hello on this channel. Default: those that the session has. */
  readonly auth?: Body | undefined
}

/** Options of `createClientSession`. */
export interface ClientSessionOptions extends SessionOptions {
  readonly role: 'client'
}

/** One side of a conversation. Made by `createSession` or `createClientSession`. */
export interface Session {
  /** The state. `detached` means open, but without a connection. */
  readonly state: 'opening' | 'open' | 'detached' | 'draining' | 'closed'
  /** What the peer announced; undefined before `opened`. */
  readonly peer: PeerInfo | undefined
  /** The number of open calls of both sides. */
  readonly callsInFlight: number
  /** Bytes that are queued in the channel. */
  readonly queuedBytes: number
  /** Returns figures of the session. They are computed at each call. */
  stats(): SessionStats
  /**
   * Gives the session its channel, which the session starts and owns from then on. Call it once, and at a client
   * again whenever the session is detached. A session that is closed aborts the channel instead. An {@link
   * OpenedLink} can only be attached to a new session with the limits and contracts of the forgotten one, because its
   * handshake is complete.
   *
   * @param options `auth`: the credentials of the hello, in place of the former ones
   * @throws ProtocolError INVALID_OPTION for a value that is not a channel, for a second channel, and for an opened
   *   link that does not fit the session; INVALID_BODY for credentials that cannot be encoded. Session and channel
   *   are unchanged then. An error that the channel throws when it is started is thrown, too, after which the session
   *   is closed or waits for another channel
   */
  attach(channel: FrameChannel | OpenedLink, options?: ChannelOptions): void
  /**
   * Starts a call. Before `opened` it waits, in order. If the session is draining or closed, or a limit is exceeded,
   * `settled` is called in a later microtask with an RpcError (UNAVAILABLE, RESOURCE_EXHAUSTED).
   */
  call(options: OutgoingCallOptions, events: OutgoingCallEvents): OutgoingCall
  /**
   * Asks the peer for the events of a topic, or for no more of them. The request waits for a slot and is answered, as
   * a call is.
   *
   * @param settled called once: with the error if it was refused or never answered, otherwise with the position after
   *   which the events of the topic begin, if the peer has a log of them
   */
  changeSubscription(
    change: OutgoingSubscription,
    settled: (error: RpcError | undefined, position?: LogPosition) => void,
  ): OutgoingCall
  /**
   * Ends a subscription of the peer. The peer gets a failure of the call that made the subscription. Does nothing
   * once the session has ended.
   *
   * @param callId the id of that call, which was answered with success
   */
  endSubscription(callId: number, error: RpcError): void
  /**
   * Sends an event, given as a value or encoded for many sessions by `encodeEvent`. An event for which the connection
   * has no room waits, within `slowSubscriberBytesMax` and `slowSubscriberMs`; its `whenSlow` says what happens
   * beyond them.
   *
   * @throws RpcError INVALID_ARGUMENT for a value that cannot be encoded, RESOURCE_EXHAUSTED above the limits of the
   *   peer. Nothing was sent then
   */
  emit(event: SessionEvent | EventEncoding): EmitVerdict
  /**
   * Sends an event that can be emitted later: if there is no room for it, no gap is sent, and it can be emitted again
   * when {@link Session.eventsDrained} has settled.
   *
   * @returns undefined if there was no room
   */
  emitIfRoom(event: EventEncoding): EmitVerdict | undefined
  /** Sends a gap to the peer in place of an event. */
  leaveOut(event: EventEncoding): void
  /**
   * Sends a gap after the events that wait.
   *
   * @throws ProtocolError INVALID_FIELD for a value that cannot be encoded. Nothing was sent then
   */
  sendGap(gap: EventGap): void
  /** Resolves with true when no event waits, with false if the session ends before. Never rejects. */
  eventsSent(): Promise<boolean>
  /** Resolves as `eventsSent`, and also waits until the connection, or the next one, has room. */
  eventsDrained(): Promise<boolean>
  /**
   * Counts `bytes` that the owner of the session holds for the peer, until {@link Session.giveMemory}.
   *
   * @returns RESOURCE_EXHAUSTED, without counting, if that is more than the session or all sessions of its host may
   *   hold
   */
  takeMemory(bytes: number): RpcError | undefined
  /** Undoes {@link Session.takeMemory} for `bytes`. */
  giveMemory(bytes: number): void
  /**
   * Whether the session holds over half of `sessionMemoryBytesMax`, or all sessions of its host hold over 7/8 of
   * their budget. Windows do not grow then, and a stream that starts should begin with few items.
   */
  readonly isMemoryScarce: boolean
  /** The bytes of events that wait to be sent, and 256 for each of them. */
  readonly eventBytesWaiting: number
  /**
   * Server only: asks the client for credentials on an open session. The answer goes to the handler `credentials`.
   * Resolves when they were accepted. A session that is detached asks on its next connection, and again if a
   * connection is lost before the answer was accepted. The time of the client runs while it is connected.
   *
   * Rejects with an RpcError: the refusal; DEADLINE_EXCEEDED if the client did not answer in time, after which it is
   * asked nothing until it has answered; FAILED_PRECONDITION while another challenge is open, and without the
   * handler; UNAVAILABLE before the session is open and when it ends. Rejects with ProtocolError INVALID_LIMITS for a
   * `timeoutMs` that is not a number of milliseconds.
   */
  challenge(challenge: Body, options?: ChallengeOptions): Promise<void>
  /**
   * Client only: gives new credentials before the old ones expire. Resolves when the server has accepted them: the
   * next hello of this session shows them, too. It waits for the answer as long as there is a connection.
   *
   * Rejects with an RpcError: the refusal of the server, after which the old credentials stay valid unless the server
   * closes; FAILED_PRECONDITION while other credentials are not answered; UNAVAILABLE without a connection, or when
   * it is lost (the server may have accepted them).
   */
  renewCredentials(auth: Body): Promise<void>
  /**
   * Asks the peer to make its new calls elsewhere, and still accepts them: the first step of an orderly end. It is
   * repeated on each further connection of the session. Does nothing unless the session is open or detached.
   *
   * @param options `retryAfterMs`: milliseconds after which the peer may come back
   * @throws ProtocolError INVALID_LIMITS if that is not a number of milliseconds. Nothing was sent then
   */
  announceEnd(options?: { readonly retryAfterMs?: number | undefined }): void
  /**
   * Ends the session in order: sends a goaway, waits for open calls for at most `graceMs` (Infinity: as long as they
   * take), and ends. Resolves when the session is closed. A further call with an earlier end shortens the grace
   * period. Rejects with ProtocolError INVALID_LIMITS, without closing, if `graceMs` is not a number of milliseconds.
   */
  close(options?: SessionCloseOptions): Promise<void>
  /**
   * Gives up the channel as if it had failed. A session that can be resumed waits for another one (`detached` is
   * called); any other session is aborted.
   */
  detach(reason: SessionCloseReason): void
  /**
   * Ends the session at once: nothing is sent or received any more. If there are very many calls, some settle in
   * later turns of the event loop, and `closed` follows them. With the code HELLO_REFUSED and an RpcError as the
   * `cause`, calls fail as if that were the first answer of the server.
   */
  abort(reason: SessionCloseReason): void
}
