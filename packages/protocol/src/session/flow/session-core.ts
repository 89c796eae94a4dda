import type { InTurns } from '../common/in-turns.ts'
import type { SessionEnvironment } from '../common/session-environment.ts'
import type { SessionFault } from '../common/session-fault.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import type { SessionShare } from '../common/session-share.ts'
import type { SessionHandlers } from '../common/session-types.ts'
import type { AnswerQueue } from './answer-queue.ts'
import type { BodySender } from './body-sender.ts'
import type { EnvelopeWriter } from './envelope-writer.ts'
import type { ItemLine } from './item-line.ts'
import type { MemoryUse } from './memory-use.ts'
import type { PartialBodies } from './partial-bodies.ts'
import type { TurnBudget } from './turn-budget.ts'

/** The state that the parts of a session share. */
export interface SessionCore {
  readonly role: 'client' | 'server'
  readonly environment: SessionEnvironment
  readonly limits: SessionLimits
  readonly handlers: SessionHandlers
  readonly writer: EnvelopeWriter
  readonly bodies: BodySender
  readonly answers: AnswerQueue
  /** Streams whose next items wait. */
  readonly items: ItemLine
  /** Bodies of the peer that are on their way. */
  readonly partial: PartialBodies
  /** The session's time in each turn of the event loop. */
  readonly turn: TurnBudget
  /** Ends calls, as many per turn as one session may handle. */
  readonly endings: InTurns
  /** The memory that this side holds for the peer. */
  readonly memory: MemoryUse
  readonly share: SessionShare | undefined
  /**
   * Runs a callback of the layer above. An error that it throws, or rejects with, is reported, and then `failed` is
   * called.
   */
  guard<Given = undefined, Second = undefined, Third = undefined>(
    callback: (given: Given, second: Second, third: Third) => unknown,
    failed?: (given: Given) => void,
    given?: Given,
    second?: Second,
    third?: Third,
  ): void
  /** Ends the session because of the peer, where nothing can be thrown: inside a callback of the layer above. */
  failed(fault: SessionFault): void
  /** A call has ended: a draining session may be done, and a waiting call may be sent. */
  callEnded(): void
  /** An answer was sent: the peer may have to read some first. */
  answered(): void
}

/** Calls of a client have odd ids, calls of a server even ones; 0 is not the id of a call. */
export function isCallOf(role: 'client' | 'server', callId: number): boolean {
  return callId > 0 && (callId % 2 === 1) === (role === 'client')
}
