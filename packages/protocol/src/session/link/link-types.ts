import type { GoawayEnvelope } from '../../envelope/link-envelopes.ts'
import type { RpcError } from '../../rpc-error.ts'
import type { SessionCloseReason } from '../common/close-reason.ts'
import type { PeerInfo } from '../common/peer-info.ts'
import type { SessionEnvironment } from '../common/session-environment.ts'
import type { SessionFault } from '../common/session-fault.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import type { SessionHandlers, SessionOptions } from '../common/session-types.ts'
import type { TurnBudget } from '../flow/turn-budget.ts'

/** What a link says of this side in its handshake, and what it keeps to. */
export interface LinkOptions extends Pick<SessionOptions, 'role' | 'contracts' | 'auth' | 'metadata'> {
  readonly environment: SessionEnvironment
  readonly limits: SessionLimits
  readonly handlers: Pick<SessionHandlers, 'hello'>
  /** What is left of the session's time in this turn. */
  readonly turn: Pick<TurnBudget, 'count' | 'countEnd'>
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
