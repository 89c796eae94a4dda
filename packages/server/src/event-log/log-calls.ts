import { describeValue, isThenable } from '@frameport/protocol/checks'
import { encodePosition, isSameLog } from '@frameport/protocol/envelope'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type {
  EventLog,
  EventToLog,
  HistoryReading,
  LogEntry,
  LogFollowing,
  LogPlace,
  LogPosition,
  LogQuery,
  LogReading,
} from '../event-log.ts'
import { wrongBody } from '../events/wrong-body.ts'
import { ServerError } from '../server-error.ts'
import { TimedAnswers } from '../timed-answers.ts'

/**
 * Calls logs and validates their answers: an impossible answer is a failure. A call takes at most `logTimeoutMs`,
 * and ends with the server.
 */
export class LogCalls {
  readonly #answers: TimedAnswers
  #appended = 0

  constructor(environment: SessionEnvironment, timeoutMs: number) {
    this.#answers = new TimedAnswers(environment, timeoutMs)
  }

  /**
   * The number of events appended to logs so far. The place of a later event is after all places that logs have
   * returned until now.
   */
  get appended(): number {
    return this.#appended
  }

  /** @throws ServerError `LOG_FAILED`, or rejects with it if the log answers later */
  append(log: EventLog, event: EventToLog): LogPlace | Promise<LogPlace> {
    this.#appended += 1
    return this.#ask('append', () => log.append(event), checkedPlace)
  }

  /** @throws ServerError `LOG_FAILED`, or rejects with it if the log answers later */
  after(log: EventLog, query: LogQuery): LogReading | Promise<LogReading> {
    return this.#ask(
      'after',
      () => log.after(query),
      (reading) => checkedReading(reading, query.position),
    )
  }

  /** Rejects with ServerError `LOG_FAILED`. @returns undefined if the log is already being followed */
  following({ ready }: LogFollowing): Promise<void> | undefined {
    if (ready === undefined) return undefined
    const answer = this.#ask(
      'follow',
      () => ready,
      () => undefined,
    )
    return answer instanceof Promise ? answer : undefined
  }

  /** Rejects with ServerError `LOG_FAILED` if the log does not deliver an appended event in time. */
  told<Told>(told: Promise<Told>): Promise<Told> {
    return this.#inTime('follow', told)
  }

  /** The server has ended: later answers of logs are ignored. */
  close(): void {
    this.#answers.close()
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
    const { timeoutMs } = this.#answers
    const late = () =>
      new ServerError('LOG_FAILED', `${name} of the log did not settle within ${timeoutMs} ms`)
    return this.#answers.wait(answer, late)
  }
}

/** @throws an error that describes what is wrong with it */
function checkedPlace(given: unknown): LogPlace {
  const position = checkedPosition(given)
  return (given as LogPlace).isRepeat === true ? { ...position, isRepeat: true } : position
}

/** Whether the value is a position in any log. */
export function isPosition(given: unknown): given is LogPosition {
  try {
    checkedPosition(given)
    return true
  } catch {
    return false
  }
}

/** @throws an error that describes what is wrong with it */
function checkedPosition(given: unknown): LogPosition {
  const { log, number } = given as LogPosition
  if (!(log instanceof Uint8Array))
    throw new TypeError(`the log returned a position whose log is ${describeValue(log)}, not a Uint8Array`)
  encodePosition({ log, number })
  return { log, number }
}

/** @throws an error that describes what is wrong with it */
export function checkedEntry(given: unknown): LogEntry {
  const { position: place, body } = given as LogEntry
  const position = checkedPosition(place)
  const wrong = wrongBody(body)
  if (wrong !== undefined) throw new TypeError(`the log returned event ${position.number} ${wrong}`)
  return { position, body }
}

/** @throws an error that describes what is wrong with it */
function checkedReading(given: unknown, asked: LogPosition | undefined): LogReading {
  const { entries, isEnd, missed, position: end } = given as LogReading
  const position = checkedPosition(end)
  if (!Array.isArray(entries) || typeof isEnd !== 'boolean')
    throw new TypeError('the log returned a reading without entries or isEnd')
  if (missed !== undefined && (!Number.isSafeInteger(missed) || missed < 0))
    throw new TypeError(`the log returned a reading whose missed is ${describeValue(missed)}`)
  let before = asked !== undefined && isSameLog(asked, position) ? asked.number : -1
  for (const entry of entries as readonly LogEntry[]) {
    const { number, log } = checkedEntry(entry).position
    if (number <= before || !isSameLog({ log, number }, position))
      throw new TypeError(`the log returned event ${number} after event ${before}`)
    before = number
  }
  // A reading that does not advance would be repeated forever.
  if (position.number < before || (!isEnd && entries.length === 0 && position.number <= before))
    throw new TypeError(`the log returned a reading that ends at ${position.number}, not after ${before}`)
  return { entries, isEnd, missed, position }
}

/** @throws an error that describes what is wrong with it */
export function checkedHistory(given: unknown): HistoryReading {
  const { entries, isStart } = given as HistoryReading
  if (!Array.isArray(entries) || typeof isStart !== 'boolean')
    throw new TypeError('the log returned a history without entries or isStart')
  let before = -1
  for (const entry of entries as readonly LogEntry[]) {
    const { number } = checkedEntry(entry).position
    if (number <= before) throw new TypeError(`the log returned event ${number} after event ${before}`)
    before = number
  }
  return { entries, isStart }
}
