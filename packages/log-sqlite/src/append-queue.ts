import type { EventToLog } from '@frameport/server'
import { holderBytes } from './limits.ts'
import type { LogWorker } from './log-worker.ts'
import type { Answer, AppendedPlace, PackedError, PackedEvent } from './messages.ts'
import { encodingNumber, packBytes } from './pack.ts'
import { SqliteLogError } from './sqlite-log-error.ts'

type Outcome = AppendedPlace | { readonly error: PackedError } | undefined

interface WaitingEvent {
  readonly event: EventToLog
  readonly cost: number
  readonly settle: (outcome: Outcome) => void
}

export interface AppendQueueLimits {
  readonly waitingBytesMax: number
  readonly bytesMax: number
}

/** Events on their way to the thread: those of one turn of the event loop go together. What waits is bounded. */
export class AppendQueue {
  readonly #worker: LogWorker
  readonly #limits: AppendQueueLimits
  readonly #kept: (event: EventToLog, number: number) => void
  #events: WaitingEvent[] = []
  #flushing: NodeJS.Immediate | undefined
  #waitingBytes = 0

  /** @param kept called for each event once it is in the log, in its order, before anybody who waits for it goes on */
  constructor(
    worker: LogWorker,
    limits: AppendQueueLimits,
    kept: (event: EventToLog, number: number) => void,
  ) {
    this.#worker = worker
    this.#limits = limits
    this.#kept = kept
  }

  /**
   * @returns settles with undefined when the thread has ended; never rejects
   * @throws SqliteLogError `EVENT_TOO_LONG`, `TOO_MUCH_WAITING`
   */
  add(event: EventToLog): Promise<Outcome> {
    const cost = costOf(event)
    this.#checkRoom(cost)
    this.#waitingBytes += cost
    this.#flushing ??= setImmediate(() => this.flush())
    return new Promise((settle) => {
      this.#events.push({ event, cost, settle })
    })
  }

  /** Sends what waits. */
  flush(): void {
    clearImmediate(this.#flushing)
    this.#flushing = undefined
    const waiting = this.#events
    if (waiting.length === 0) return
    this.#events = []
    // The bytes of an event are shared with others: the thread gets a copy, once.
    const bytes = packBytes(waiting.map(({ event }) => event.body.bytes))
    const question = { events: packEvents(waiting), bytes }
    this.#worker.ask('append', question, (answer) => this.#answered(waiting, answer), [bytes.buffer])
  }

  #checkRoom(cost: number): void {
    for (const name of ['bytesMax', 'waitingBytesMax'] as const) {
      const limit = this.#limits[name]
      if (cost > limit)
        throw new SqliteLogError('EVENT_TOO_LONG', `It has ${cost} bytes, and ${name} is ${limit}`)
    }
    const { waitingBytesMax } = this.#limits
    if (this.#waitingBytes + cost <= waitingBytesMax) return
    const detail = `${this.#waitingBytes} bytes are waiting, the event has ${cost}, and waitingBytesMax is ${waitingBytesMax}`
    throw new SqliteLogError('TOO_MUCH_WAITING', detail)
  }

  #answered(waiting: readonly WaitingEvent[], answer: Answer | undefined): void {
    for (const { cost } of waiting) this.#waitingBytes -= cost
    for (const [index, { event, settle }] of waiting.entries()) {
      const outcome = outcomeOf(answer, index)
      settle(outcome)
      if (outcome !== undefined && 'number' in outcome && !outcome.isRepeat) this.#kept(event, outcome.number)
    }
  }
}

function outcomeOf(answer: Answer | undefined, index: number): Outcome {
  if (answer?.kind === 'appended') return answer.places[index]
  return answer?.kind === 'failed' ? { error: answer.error } : undefined
}

function costOf({ event, topic, id = '', body }: EventToLog): number {
  return body.bytes.length + event.length + topic.length + id.length + holderBytes
}

function packEvents(waiting: readonly WaitingEvent[]): PackedEvent[] {
  let offset = 0
  return waiting.map(({ event: { event, topic, id, body }, cost }) => {
    const { length } = body.bytes
    const packed = { event, topic, id, encoding: encodingNumber(body.encoding), offset, length, cost }
    offset += length
    return packed
  })
}
