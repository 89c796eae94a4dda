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

export interface SessionEvent {
  /** `contract@version/event`. */
  readonly event: string
  readonly topic: string
  readonly body: Body
  /** Where it stands in the log of its topic. Absent for one that no log keeps. */
  readonly position?: LogPosition | undefined
}

/** An event that the peer sent and that cannot be taken. */
export interface DroppedEvent {
  /** As the peer sent it, without control characters. */
  readonly event: string
  readonly topic: string
  /** What is wrong with it, for people. */
  readonly problem: string
}

/** A call of the peer without an answer that was not run. */
export interface DroppedOneway {
  /** As the peer sent it, without control characters. */
  readonly procedure: string
  /** Why, for people. */
  readonly problem: string
}

/** Events of a topic that the peer left out, at the place where this comes. */
export interface EventGap {
  readonly event: string
  readonly topic: string
  /** How many; 0 when the peer does not know. */
  readonly events: number
  /** The next event of the topic comes after it. Absent without a log. */
  readonly position?: LogPosition | undefined
}

/** That the peer is leaving. */
export interface Goaway {
  /** False: calls are still taken, but new ones should be made elsewhere. True: no further call is taken. */
  readonly isFinal: boolean
  /** When to connect again, in milliseconds; undefined when the peer did not say. */
  readonly retryAfterMs: number | undefined
}

/**
 * What the layer above gives the session. All callbacks are made from inside a `FrameSink` call or a timer. One that
 * returns a promise which rejects is treated as one that throws; nothing waits for it, apart from `hello`.
 */
export interface SessionHandlers {
  /**
   * Server only: decide about a hello. Reject with an RpcError to refuse (the client sees its code).
   *
   * @param ask for more credentials than those in the hello
   */
  hello?(hello: HelloInfo, ask: AskClient): Promise<HelloAccepted>
  /**
   * Server only: decide about credentials that the client gives on an open session, within `credentialsTimeoutMs`. Throw or reject with an RpcError to refuse
   * them (the client sees its code, and those before stay good). They are decided on one after the other. Absent: they are refused with UNIMPLEMENTED.
   */
  credentials?: ((given: CredentialsInfo) => CredentialsAccepted | Promise<CredentialsAccepted>) | undefined
  /**
   * Client only: the server asks for credentials, in the handshake or later. Give them within `credentialsTimeoutMs`. Without an answer (absent, or it throws or
   * rejects) the handshake fails when there was an error, and the server decides otherwise.
   */
  challenged?(challenge: Body): Body | Promise<Body>
  /**
   * Client only: the answer to a challenge on an open session could not be given, or the server has refused it (an RpcError). The session goes on.
   * Absent: nobody is told.
   */
  answerFailed?(error: unknown): void
  /** Both sides: the handshake is done. */
  opened(peer: PeerInfo): void
  /**
   * The connection is lost, and the session waits for another one (`resumeWindowMs`). A client connects again, and gives the
   * channel to `attach`; told again when an attempt fails. What this side calls and sends meanwhile waits. Told, too, by a
   * session that was never open (`connectsAgain`). Of a refused hello the RpcError is the `cause`: an owner that does not want to try again aborts with that reason.
   */
  detached?(reason: SessionCloseReason): void
  /** The session goes on over another connection. */
  resumed?(): void
  /** Server only: the client goes on with `session`, whose connection this one's is now. This one closes, and was never opened. */
  moved?(session: Session): void
  /**
   * Client only: the server does not know the session any more, which ends. The connection is open: given to `attach` of a
   * new session before this returns, it is that session's; else it is closed. The calls of the old one settle afterwards.
   */
  forgotten?(opened: OpenedLink): void
  call(call: IncomingCall): void
  /** The peer asks for events of a topic, or for no more of them. Absent: it is refused with UNIMPLEMENTED. */
  subscription?: ((request: IncomingSubscription) => void) | undefined
  /**
   * The peer has ended a subscription that it had given. Told, too, of any other failure of a call that has settled, which means nothing.
   *
   * @param callId the id of the call that asked for it
   */
  subscriptionEnded?(callId: number, error: RpcError): void
  /** @param bytes what its body took on the wire */
  event(event: SessionEvent, bytes: number): void
  /** Whether `event` should be called for this one: one that nobody wants is not even decoded. Default: yes. */
  wantsEvent?(event: string, topic: string): boolean
  /** An event of the peer could not be taken. It was left out; the session goes on. */
  eventDropped?(dropped: DroppedEvent): void
  /** A call of the peer without an answer was not run. It was left out; the session goes on. */
  onewayDropped?(dropped: DroppedOneway): void
  /** The peer left events out. */
  eventGap?(gap: EventGap): void
  /** The peer does not keep up with its events: the session ends, or loses its connection, for this. */
  peerIsSlow?(message: string): void
  /** The peer takes no more calls, or will soon take none; open calls go on. Those that it did not take settle afterwards. */
  goaway(goaway: Goaway): void
  /**
   * One of these callbacks, or of those of a call, threw `error` or rejected with it. The session goes on (a call whose `call` callback threw fails with
   * INTERNAL). Absent: the error surfaces as an unhandled rejection, because it is a defect of the layer above.
   */
  uncaught?(error: unknown): void
  /** The session ends for this reason: its calls are about to settle, and its channel is still to close. Before `closed`, once. */
  ending?(reason: SessionCloseReason): void
  /** Everything has settled (each outgoing call got `settled`, each incoming one's signal aborted). Once, last. */
  closed(reason: SessionCloseReason): void
}

/** A hello that is let in. */
export interface HelloAccepted {
  /** Sent in the welcome. */
  readonly metadata?: Metadata
  /**
   * Who the client is, by what it showed. A session is taken up again only by the one who began it: both hellos must give the
   * same. Default: nobody in particular.
   */
  readonly principal?: string | undefined
  /** The client is refused with this unless it takes up a session again: there is no room for one more. */
  readonly unlessResumed?: RpcError | undefined
}

export interface SessionOptions {
  readonly role: 'client' | 'server'
  readonly environment: SessionEnvironment
  readonly handlers: SessionHandlers
  readonly contracts: readonly OwnContract[]
  readonly limits?: Partial<SessionLimits>
  /** Default: it has everything by itself, and no limit on refusals beside its own `refusalsPerSecondMax`. */
  readonly share?: SessionShare | undefined
  /** Client only: sent in the hello. */
  readonly auth?: Body | undefined
  /**
   * Client only: the session takes another channel when the first ones fail before the handshake is done, for whatever reason
   * (`detached` is told). Calls wait meanwhile, until its owner attaches the next channel, closes it or aborts it. Default: it ends with the first.
   */
  readonly connectsAgain?: boolean | undefined
  readonly metadata?: Metadata
  /** What it shares with the other sessions of its server. Default: it has a turn of its own, and no common budget. */
  readonly host?: SessionHost
}

/** What an orderly end of a session takes. */
export interface SessionCloseOptions {
  /** How long open calls may take, in milliseconds. Default: the limit `closeGraceMs`. */
  readonly graceMs?: number | undefined
  /**
   * Who closes it, for the failures of this side's calls and the message of the reason: `this client was closed by $close()`.
   * Default: this side was closed.
   */
  readonly closedBy?: string | undefined
}

/** What goes with one channel of a session. */
export interface ChannelOptions {
  /** Client only: sent in the hello on this channel. Default: the `auth` of the session. */
  readonly auth?: Body | undefined
}

/** Options of `createClientSession`. */
export interface ClientSessionOptions extends SessionOptions {
  readonly role: 'client'
}

/** One side of one conversation, made by `createSession(options)` or `createClientSession(options)`. */
export interface Session {
  /** `detached`: open, and without a connection. */
  readonly state: 'opening' | 'open' | 'detached' | 'draining' | 'closed'
  /** What the peer announced; undefined before `opened`. */
  readonly peer: PeerInfo | undefined
  readonly callsInFlight: number
  /** Bytes queued in the channel below. */
  readonly queuedBytes: number
  /** Figures of now. They are put together when asked for. */
  stats(): SessionStats
  /**
   * Gives the session its channel, which it starts and from then on owns. Once, and at a client again when it is detached. A
   * session that is closed already aborts the channel instead. An {@link OpenedLink} is for a new session with the limits
   * and contracts of the one that was forgotten: its handshake is done.
   *
   * @param options `auth`: what a client shows in the hello, in the place of the credentials of before
   * @throws ProtocolError INVALID_OPTION for what is no channel, for a second one, and for an opened link that the session
   *   cannot keep to, which it leaves as it is; INVALID_BODY for credentials that cannot be sent: session and channel are as
   *   they were. What the channel throws when it is started, after which the session is closed, or waits for another one
   */
  attach(channel: FrameChannel | OpenedLink, options?: ChannelOptions): void
  /**
   * Starts a call. Before `opened` it is queued, in order. When the session is draining or closed, or a limit
   * is hit, `settled` is called with an RpcError (UNAVAILABLE, RESOURCE_EXHAUSTED) in a later microtask.
   */
  call(options: OutgoingCallOptions, events: OutgoingCallEvents): OutgoingCall
  /**
   * Asks the peer for the events of a topic, or for no more of them. It waits for a slot, and is answered, as a call.
   *
   * @param settled told once: with the reason when it was refused, or never answered; else with the position after which the events
   *   of the topic begin, when the peer keeps a log of them and has said it
   */
  changeSubscription(
    change: OutgoingSubscription,
    settled: (error: RpcError | undefined, position?: LogPosition) => void,
  ): OutgoingCall
  /**
   * Ends a subscription that the peer was given: it is told so by a failure of the call that it asked with. No-op once the session has
   * ended.
   *
   * @param callId the id of that call, which was answered with success
   */
  endSubscription(callId: number, error: RpcError): void
  /**
   * Sends an event, given as a value or encoded by `encodeEvent` for many sessions. What the connection has no room for
   * waits here, up to `slowSubscriberBytesMax` and `slowSubscriberMs`; the event says what becomes of it then.
   *
   * @throws RpcError INVALID_ARGUMENT for what has no form on the wire, RESOURCE_EXHAUSTED for more than the peer takes:
   *   nothing was sent then
   */
  emit(event: SessionEvent | EventEncoding): EmitVerdict
  /**
   * As {@link emit}, for an event that is not lost when it does not go out: where that would put a gap in its place nothing is told, and it
   * may be emitted again once {@link eventsDrained} has settled.
   *
   * @returns undefined then
   */
  emitIfRoom(event: EventEncoding): EmitVerdict | undefined
  /** Tells the peer, by a gap, that an event was left out for it. */
  leaveOut(event: EventEncoding): void
  /**
   * Tells the peer, behind the events that wait, of events that were left out.
   *
   * @throws ProtocolError `INVALID_FIELD` for what has no form on the wire: nothing was sent then
   */
  sendGap(gap: EventGap): void
  /** Settles with true once no event waits here, with false when the session ends before. Never rejects. */
  eventsSent(): Promise<boolean>
  /** As `eventsSent`; and where the connection is full, or there is none, it waits until there is room. */
  eventsDrained(): Promise<boolean>
  /**
   * Counts `bytes` that the owner of the session holds for the peer, until {@link giveMemory}.
   *
   * @returns RESOURCE_EXHAUSTED when that is more than the session, or all sessions of its host, may hold: nothing was counted then
   */
  takeMemory(bytes: number): RpcError | undefined
  /** The owner holds `bytes` of what it took no more. */
  giveMemory(bytes: number): void
  /**
   * The session holds over half of what it may (`sessionMemoryBytesMax`), or all sessions of its host over 7/8: no window grows, and a
   * stream that is begun now should begin with few items.
   */
  readonly isMemoryScarce: boolean
  /** What the events count that wait here, each with its bytes and 256 for what holds it. */
  readonly eventBytesWaiting: number
  /**
   * Server only: asks the client who it is, on an open session. Its answer goes to the handler `credentials`. Settles when they were taken. Rejects with an
   * RpcError: the refusal; DEADLINE_EXCEEDED when the client did not answer in time, after which the session goes on, and it is asked nothing further until it has answered;
   * FAILED_PRECONDITION while another challenge is open, and without the handler; UNAVAILABLE before the session is open, and when it ends; with a ProtocolError `INVALID_LIMITS` for a time that is none.
   * A session that is detached asks on its next connection, and again when one is lost before the answer was taken. The client's time runs while it is connected.
   */
  challenge(challenge: Body, options?: ChallengeOptions): Promise<void>
  /**
   * Client only: gives new credentials, before the old ones expire. Settles when the server has taken them: from then on the next hello of this session shows
   * them, too. Rejects with an RpcError: the server's refusal, after which the old ones stay good unless the server closes;
   * FAILED_PRECONDITION while others are not answered; UNAVAILABLE without a connection, or when it is lost (they may have been taken then).
   * It waits for the answer as long as there is a connection: an answer that comes late says all the same what the session has.
   */
  renewCredentials(auth: Body): Promise<void>
  /**
   * Asks the peer to make its new calls elsewhere, and goes on taking them: the first step of an orderly end. It is said
   * again on each further connection of the session. No-op unless the session is open or detached.
   *
   * @param options `retryAfterMs`: when the peer may come back
   * @throws ProtocolError `INVALID_LIMITS` when that is no duration: the peer was told nothing
   */
  announceEnd(options?: { readonly retryAfterMs?: number | undefined }): void
  /**
   * Orderly: goaway, wait for open calls at most `graceMs` (Infinity: as long as they take), end. Settles when closed.
   * Idempotent; a further call with an earlier end of the grace brings it forward. Rejects with a ProtocolError `INVALID_LIMITS`, and closes nothing, when `graceMs` is no duration.
   */
  close(options?: SessionCloseOptions): Promise<void>
  /**
   * Gives the channel up, as if it had failed: a session that goes on waits for another one (`detached` is told), any other is
   * aborted.
   */
  detach(reason: SessionCloseReason): void
  /**
   * With an RpcError as the `cause` of HELLO_REFUSED calls fail as if this were the first answer of the server.
   * At once: nothing is sent or taken any more. Of very many calls those that have no room in this turn of the event loop
   * settle in later ones, and `closed` follows them.
   */
  abort(reason: SessionCloseReason): void
}
