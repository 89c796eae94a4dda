import { describeValue } from '@frameport/protocol/checks'
import { encodePosition, isSameLog } from '@frameport/protocol/envelope'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import type { EventLog, EventToLog, LogEntry, LogPosition, LogQuery, LogReading } from '../event-log.ts'
import { ServerError } from '../server-error.ts'

interface OpenCall {
  readonly timer: SessionTimer
  readonly reject: (reason: ServerError) => void
}

/**
 * Asks logs, and believes nothing of what they say: what cannot be is a failure. Nothing waits for longer than `logTimeoutMs`,
 * or behind the end of the server.
 */
export class LogCalls {
  readonly #environment: SessionEnvironment
  readonly #timeoutMs: number
  readonly #open = new Set<OpenCall>()
  #isClosed = false
  #appended = 0

  constructor(environment: SessionEnvironment, timeoutMs: number) {
    this.#environment = environment
    this.#timeoutMs = timeoutMs
  }

  /** How many events logs were given: the place of a later one is behind all that they have said until now. */
  get appended(): number {
    return this.#appended
  }

  /** @throws ServerError `LOG_FAILED`, or rejects with it when the log answers later */
  append(log: EventLog, event: EventToLog): LogPosition | Promise<LogPosition> {
    this.#appended += 1
    return this.#ask('append', () => log.append(event), checkedPosition)
  }

  /** @throws ServerError `LOG_FAILED`, or rejects with it when the log answers later */
  after(log: EventLog, query: LogQuery): LogReading | Promise<LogReading> {
    return this.#ask(
      'after',
      () => log.after(query),
      (reading) => checkedReading(reading, query.position),
    )
  }

  /** The server has ended: what logs still say is for nobody. */
  close(): void {
    this.#isClosed = true
    for (const { timer, reject } of this.#open) {
      timer.cancel()
      reject(new ServerError('SERVER_CLOSED'))
    }
    this.#open.clear()
  }

  #ask<Answer, Checked>(
    name: keyof EventLog,
    ask: () => Answer | PromiseLike<Answer>,
    check: (answer: unknown) => Checked,
  ): Checked | Promise<Checked> {
    const failed = (cause: unknown) => new ServerError('LOG_FAILED', `${name} of the log failed`, { cause })
    try {
      const answer = ask()
      if (!isThenable(answer)) return check(answer)
      return this.#inTime(name, answer)
        .then(check)
        .catch((cause) => {
          throw ServerError.is(cause) ? cause : failed(cause)
        })
    } catch (cause) {
      throw failed(cause)
    }
  }

  #inTime<Answer>(name: string, answer: PromiseLike<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        if (!this.#open.delete(call)) return
        call.timer.cancel()
        settle()
      }
      const late = () =>
        end(() => reject(new ServerError('LOG_FAILED', `${name} of the log took over ${this.#timeoutMs} ms`)))
      const call: OpenCall = { timer: this.#environment.setTimer(this.#timeoutMs, late), reject }
      this.#open.add(call)
      answer.then(
        (value) => end(() => resolve(value)),
        (reason) => end(() => reject(reason)),
      )
      if (this.#isClosed) end(() => reject(new ServerError('SERVER_CLOSED')))
    })
  }
}

function isThenable<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof (value as { readonly then?: unknown } | null)?.then === 'function'
}

/** @throws what is wrong with it */
function checkedPosition(given: unknown): LogPosition {
  const { log, number } = given as LogPosition
  if (!(log instanceof Uint8Array)) throw new TypeError(`the log gave a position of ${describeValue(log)}`)
  encodePosition({ log, number })
  return { log, number }
}

/** @throws what is wrong with it */
function checkedReading(given: unknown, asked: LogPosition | undefined): LogReading {
  const { entries, isEnd, missed, position: end } = given as LogReading
  const position = checkedPosition(end)
  if (!Array.isArray(entries) || typeof isEnd !== 'boolean')
    throw new TypeError('the log gave a reading without entries, or without isEnd')
  if (missed !== undefined && (!Number.isSafeInteger(missed) || missed < 0))
    throw new TypeError(`the log gave a reading with missed ${describeValue(missed)}`)
  let before = asked !== undefined && isSameLog(asked, position) ? asked.number : -1
  for (const entry of entries as readonly LogEntry[]) {
    const { number, log } = checkedPosition(entry.position)
    if (number <= before || !isSameLog({ log, number }, position))
      throw new TypeError(`the log gave event ${number} behind ${before}`)
    if (!(entry.body?.bytes instanceof Uint8Array))
      throw new TypeError(`the log gave event ${number} without bytes`)
    before = number
  }
  // One that goes on where it began would go on for ever.
  if (position.number < before || (!isEnd && entries.length === 0 && position.number <= before))
    throw new TypeError(`the log gave a reading that ends at ${position.number}, and not behind ${before}`)
  return { entries, isEnd, missed, position }
}
