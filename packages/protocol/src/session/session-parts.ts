import { withAnyDelay } from './common/any-delay.ts'
import { callbackGuard } from './common/callback-guard.ts'
import { InTurns } from './common/in-turns.ts'
import type { SessionLimits } from './common/session-limits.ts'
import type { SessionOptions } from './common/session-types.ts'
import { turnsOf } from './common/turns-of-environment.ts'
import { AnswerQueue } from './flow/answer-queue.ts'
import { BodySender } from './flow/body-sender.ts'
import { EnvelopeWriter } from './flow/envelope-writer.ts'
import { ItemLine } from './flow/item-line.ts'
import { type MemorySources, MemoryUse } from './flow/memory-use.ts'
import { PartialBodies } from './flow/partial-bodies.ts'
import type { SessionCore } from './flow/session-core.ts'
import { TurnBudget } from './flow/turn-budget.ts'
import type { Traffic } from './traffic.ts'

/** What the shared parts tell the session. */
export interface CoreEvents
  extends Pick<MemorySources, 'giveUp' | 'keptBytes'>,
    Pick<SessionCore, 'callEnded' | 'failed'> {}

/** The parts that a session shares among its calls and events. */
export function sessionCore(
  options: SessionOptions,
  limits: SessionLimits,
  traffic: Traffic,
  events: CoreEvents,
): SessionCore {
  const { role, handlers, host } = options
  const environment = withAnyDelay(options.environment)
  const writer: EnvelopeWriter = new EnvelopeWriter((bytes) => memory.passed(bytes))
  const partial = new PartialBodies(limits, () => memory)
  const sources: MemorySources = {
    frameBytes: () => traffic.frameBytes(),
    partialBytes: () => partial.heldBytes,
    queuedBytes: () => writer.queuedBytes + bodies.waitingBytes,
    keptBytes: () => events.keptBytes(),
    giveUp: () => events.giveUp(),
  }
  const memory: MemoryUse = new MemoryUse(limits, sources, host)
  const turns = host?.turns ?? turnsOf(options.environment)
  const turn = new TurnBudget(turns, limits, traffic, host?.share)
  const endings = new InTurns({ turns, limits: turn.limits, use: turn.use, share: host?.share })
  const bodies: BodySender = new BodySender(writer, limits, turn, () => {
    answers.goOn()
    items.goOn()
    traffic.bodiesWentOn()
  })
  const items = new ItemLine(writer, bodies, turn)
  const answers = new AnswerQueue(writer, bodies, limits, turn, () => traffic.drained())
  return {
    role,
    environment,
    limits,
    handlers,
    writer,
    bodies,
    answers,
    items,
    partial,
    refusals: options.refusals,
    turn,
    endings,
    memory,
    guard: callbackGuard(handlers),
    failed: (fault) => events.failed(fault),
    callEnded: () => events.callEnded(),
    answered: () => traffic.answered(),
  }
}
