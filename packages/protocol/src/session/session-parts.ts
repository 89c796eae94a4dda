import type { RpcError } from '../rpc-error.ts'
import { withAnyDelay } from './common/any-delay.ts'
import { runGuarded } from './common/callback-guard.ts'
import { InTurns } from './common/in-turns.ts'
import type { SessionEnvironment } from './common/session-environment.ts'
import type { SessionFault } from './common/session-fault.ts'
import type { SessionLimits } from './common/session-limits.ts'
import type { SessionShare } from './common/session-share.ts'
import type { SessionHandlers, SessionOptions } from './common/session-types.ts'
import { turnsOf } from './common/turns-of-environment.ts'
import { AnswerQueue } from './flow/answer-queue.ts'
import { BodySender, type BodySenderEvents } from './flow/body-sender.ts'
import { EnvelopeWriter } from './flow/envelope-writer.ts'
import { ItemLine } from './flow/item-line.ts'
import { type MemorySources, MemoryUse } from './flow/memory-use.ts'
import { PartialBodies, type PartialMemory } from './flow/partial-bodies.ts'
import type { SessionCore } from './flow/session-core.ts'
import { TurnBudget } from './flow/turn-budget.ts'
import type { Traffic } from './traffic.ts'

/** The methods of the session that the shared parts call. */
export interface CoreEvents
  extends Pick<MemorySources, 'giveUp' | 'keptBytes'>,
    Pick<SessionCore, 'callEnded' | 'failed'> {}

/**
 * The parts that a session shares among its calls and events. Their calls to each other go through this object, so that
 * they need no closures, of which each connection would keep a dozen.
 */
export class SessionParts implements SessionCore, MemorySources, BodySenderEvents, PartialMemory {
  readonly role: SessionOptions['role']
  readonly environment: SessionEnvironment
  readonly limits: SessionLimits
  readonly handlers: SessionHandlers
  readonly share: SessionShare | undefined
  readonly writer: EnvelopeWriter
  readonly bodies: BodySender
  readonly answers: AnswerQueue
  readonly items: ItemLine
  readonly partial: PartialBodies
  readonly turn: TurnBudget
  readonly endings: InTurns
  readonly memory: MemoryUse
  readonly #traffic: Traffic
  readonly #events: CoreEvents

  constructor(options: SessionOptions, limits: SessionLimits, traffic: Traffic, events: CoreEvents) {
    const { role, handlers, host, share } = options
    this.role = role
    this.environment = withAnyDelay(options.environment)
    this.limits = limits
    this.handlers = handlers
    this.share = share
    this.#traffic = traffic
    this.#events = events
    const turns = host?.turns ?? turnsOf(options.environment)
    this.turn = new TurnBudget(turns, limits, traffic, share)
    this.endings = new InTurns({ turns, limits: this.turn.limits, use: this.turn.use, share })
    this.memory = new MemoryUse(limits, this, host?.memory, share)
    this.writer = new EnvelopeWriter(this.memory)
    this.partial = new PartialBodies(limits, this)
    this.bodies = new BodySender(this.writer, limits, this.turn, this)
    this.items = new ItemLine(this.writer, this.bodies, this.turn)
    this.answers = new AnswerQueue(this.writer, this.bodies, limits, this.turn, traffic)
  }

  guard<Given = undefined, Second = undefined, Third = undefined>(
    callback: (given: Given, second: Second, third: Third) => unknown,
    failed?: (given: Given) => void,
    given?: Given,
    second?: Second,
    third?: Third,
  ): void {
    runGuarded(this.handlers, callback, failed, given as Given, second as Second, third as Third)
  }

  failed(fault: SessionFault): void {
    this.#events.failed(fault)
  }

  callEnded(): void {
    this.#events.callEnded()
  }

  answered(): void {
    this.#traffic.answered()
  }

  kept(bytes: number): void {
    this.memory.passed(bytes)
  }

  refusalOf(bytes: number): RpcError | undefined {
    return this.memory.refusalOf(bytes)
  }

  fewerBodiesWait(): void {
    this.answers.goOn()
    this.items.goOn()
    this.#traffic.bodiesWentOn()
  }

  get frameBytes(): number {
    return this.#traffic.frameBytes
  }

  get partialBytes(): number {
    return this.partial.heldBytes
  }

  get queuedBytes(): number {
    return this.writer.queuedBytes + this.bodies.waitingBytes
  }

  get keptBytes(): number {
    return this.#events.keptBytes
  }

  giveUp(): void {
    this.#events.giveUp()
  }
}
