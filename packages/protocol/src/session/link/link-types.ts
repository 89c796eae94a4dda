import type { Body } from '../../envelope/codec.ts'
import type { Metadata } from '../../envelope/envelope-parts.ts'
import type {
  GoawayEnvelope,
  HelloEnvelope,
  SessionTicket,
  WelcomeEnvelope,
} from '../../envelope/link-envelopes.ts'
import type { RpcError } from '../../rpc-error.ts'
import type { SessionCloseReason } from '../common/close-reason.ts'
import type { CredentialsAccepted, CredentialsInfo } from '../common/credentials.ts'
import type { PeerInfo } from '../common/peer-info.ts'
import type { SessionEnvironment } from '../common/session-environment.ts'
import type { SessionFault } from '../common/session-fault.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import type { SessionHandlers, SessionOptions } from '../common/session-types.ts'
import type { TurnBudget } from '../flow/turn-budget.ts'

/** The options that a link announces in its handshake and applies. */
export interface LinkOptions extends Pick<SessionOptions, 'role' | 'contracts'> {
  readonly metadata?: Metadata | undefined
  readonly auth?: Body | undefined
  readonly environment: SessionEnvironment
  readonly limits: SessionLimits
  readonly handlers: Pick<SessionHandlers, 'hello'>
}

/**
 * The session above a link. A link can be handed to another session: the one that is resumed, or a new one in its
 * place.
 */
export interface LinkOwner {
  readonly events: LinkEvents
  /** The session's use of the current turn. */
  readonly turn: Pick<TurnBudget, 'count' | 'countEnd'>
  /** Absent for a session that ends with its link. */
  readonly resume: LinkResume | undefined
}

/** A link that can move to another session. */
export interface MovableLink {
  /** True if its handshake is complete, or it has ended. */
  isOver(): boolean
  /** Belongs to `owner` from now on. */
  moveTo(owner: LinkOwner): void
}

/** The part of a hello about the session to resume. */
export type AskedResume = NonNullable<HelloEnvelope['resume']>

/** Calls between a link and its session about continuing over another link. */
export interface LinkResume {
  /** Client: the content of the hello about the session. */
  readonly offer: AskedResume | undefined
  /**
   * Server: returns what the welcome contains. If the requested session continues, it owns the link from now on.
   *
   * @throws SessionFault for an impossible count
   */
  welcome(
    link: MovableLink,
    asked: AskedResume | undefined,
    peer: PeerInfo,
    principal: string | undefined,
  ): Pick<WelcomeEnvelope, 'session' | 'received'>
  /** Client: the contents of the welcome. @throws SessionFault for an answer that was not requested */
  welcomed(ticket: SessionTicket | undefined, received: number | undefined): void
  /** Server: a hello with this principal comes from the same client. */
  knowsAlsoAs(principal: string): void
  /**
   * Returns how many envelopes were handled, to be sent as an acknowledgement now. Undefined if they are not counted.
   */
  told(): number | undefined
  /** The peer has handled this many envelopes. @throws SessionFault for an impossible number */
  acknowledged(received: number): void
}

/**
 * Called by a link for the session above. An error that a method throws ends the session as a fault of the handled
 * input.
 */
export interface LinkEvents {
  /** Bytes have arrived, and their frames follow. */
  linkReceived(): void
  /** Hello and welcome were exchanged: envelopes about calls may follow. */
  linkOpened(peer: PeerInfo): void
  /** The hello was refused. On a client, calls fail with `error`. */
  linkRefused(reason: SessionCloseReason, error?: RpcError): void
  /** Server: whether there is a handler for credentials on an open session. */
  readonly takesCredentials: boolean
  /** Server: decides about credentials. An error that it throws or rejects with refuses them. */
  linkCredentials(info: CredentialsInfo): CredentialsAccepted | Promise<CredentialsAccepted>
  /** Client: asks for the answer to a challenge. Undefined if there is no handler for challenges. */
  linkChallenged(challenge: Body): Promise<Body> | undefined
  /** Client: the answer to a challenge could not be given, or was refused. An open session continues. */
  linkAnswerFailed(error: unknown): void
  /** The handler of credentials has thrown an error that is not a refusal. */
  linkHookFailed(error: unknown): void
  /** An envelope that is not about the connection, lent until this returns. */
  linkFrame(payload: Uint8Array): void
  /** The peer accepts no more calls, or will soon accept none. */
  linkGoaway(envelope: GoawayEnvelope): void
  /** The link itself has answered the peer with this many bytes. */
  linkAnswered(bytes: number): void
  /** The queue to the peer has fallen after a `full` verdict. */
  linkDrained(): void
  /** The peer has ended, between two envelopes. */
  linkEnded(): void
  /** The peer caused a fault: end the session. */
  linkFailed(fault: SessionFault): void
  /** The connection is gone. Called once, and last. */
  linkClosed(reason: SessionCloseReason): void
}
