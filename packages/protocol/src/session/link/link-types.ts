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

/** What a link says of this side in its handshake, and what it keeps to. */
export interface LinkOptions extends Pick<SessionOptions, 'role' | 'contracts'> {
  readonly metadata?: Metadata | undefined
  readonly auth?: Body | undefined
  readonly environment: SessionEnvironment
  readonly limits: SessionLimits
  readonly handlers: Pick<SessionHandlers, 'hello'>
}

/** The session above a link. A link can be handed to another session: the one that is resumed, or a new one in its place. */
export interface LinkOwner {
  readonly events: LinkEvents
  /** What is left of the session's time in this turn. */
  readonly turn: Pick<TurnBudget, 'count' | 'countEnd'>
  /** Absent for a session that ends with its link. */
  readonly resume: LinkResume | undefined
}

/** A link that can be given to another session. */
export interface MovableLink {
  /** Its handshake is done, or it has ended. */
  isOver(): boolean
  /** From here on it belongs to `owner`. */
  moveTo(owner: LinkOwner): void
}

/** What a hello shows of the session that is to be resumed. */
export type AskedResume = NonNullable<HelloEnvelope['resume']>

/** What a link and its session say to each other about going on over another link. */
export interface LinkResume {
  /** Client: what the hello shows. */
  readonly offer: AskedResume | undefined
  /**
   * Server: what the welcome says. When the session that was asked for goes on, it is the owner of the link from here on.
   *
   * @throws SessionFault for a count that cannot be
   */
  welcome(
    link: MovableLink,
    asked: AskedResume | undefined,
    peer: PeerInfo,
    principal: string | undefined,
  ): Pick<WelcomeEnvelope, 'session' | 'received'>
  /** Client: what the welcome said. @throws SessionFault for what was not asked for */
  welcomed(ticket: SessionTicket | undefined, received: number | undefined): void
  /** Server: a hello with this principal is one of the same client. */
  knowsAlsoAs(principal: string): void
  /** Returns how many envelopes were handled, to be sent as an acknowledgement now. Undefined if they are not counted. */
  told(): number | undefined
  /** The peer has handled this many envelopes. @throws SessionFault for a number that cannot be */
  acknowledged(received: number): void
}

/**
 * What a link tells the session above it. What a method throws ends the session as a fault of the input that was
 * handled.
 */
export interface LinkEvents {
  /** Bytes have come, whose frames follow. */
  linkReceived(): void
  /** Hello and welcome are exchanged: envelopes about calls may flow. */
  linkOpened(peer: PeerInfo): void
  /** The hello was refused: on a client with the error that its calls fail with. */
  linkRefused(reason: SessionCloseReason, error?: RpcError): void
  /** Server: whether there is a handler for credentials on an open session. */
  readonly takesCredentials: boolean
  /** Server: asks whether credentials are good. What it throws or rejects with refuses them. */
  linkCredentials(info: CredentialsInfo): CredentialsAccepted | Promise<CredentialsAccepted>
  /** Client: asks for the answer to a challenge. Undefined if there is no handler for challenges. */
  linkChallenged(challenge: Body): Promise<Body> | undefined
  /** Client: the answer to a challenge could not be given, or was refused. An open session continues. */
  linkAnswerFailed(error: unknown): void
  /** The handler of credentials has thrown an error that is not a refusal. */
  linkHookFailed(error: unknown): void
  /** An envelope that is not about the connection, lent until this returns. */
  linkFrame(payload: Uint8Array): void
  /** The peer takes no more calls, or will soon take none. */
  linkGoaway(envelope: GoawayEnvelope): void
  /** The link itself has answered the peer with this many bytes. */
  linkAnswered(bytes: number): void
  /** The queue to the peer has fallen after a `full` verdict. */
  linkDrained(): void
  /** The peer has ended, between two envelopes. */
  linkEnded(): void
  /** What the peer did, or did not do, must end the session. */
  linkFailed(fault: SessionFault): void
  /** The connection is gone. Once, and last. */
  linkClosed(reason: SessionCloseReason): void
}
