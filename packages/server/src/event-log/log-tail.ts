import { isThenable } from '@frameport/protocol/checks'
import { isSameLog } from '@frameport/protocol/envelope'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type {
  EventLog,
  LogEntry,
  LogFollower,
  LogFollowing,
  LoggedTopic,
  LogPosition,
  LogReading,
} from '../event-log.ts'
import { ServerError } from '../server-error.ts'
import { checkedEntry, type LogCalls } from './log-calls.ts'
import { RetryDelays } from './retry-delays.ts'

export interface LogTailServices {
  readonly environment: SessionEnvironment
  readonly logCalls: LogCalls
  readonly pageEvents: number
  readonly pageBytes: number
  /** The longest delay before a failed log is called again. */
  readonly retryMaxMs: number
}

/** Receives the entries of the tail of a log. The methods must not throw. */
export interface LogTailReader {
  /** Each entry comes once, in the order of the log. */
  bring(entry: LogEntry): void
  /**
   * Some entries are missing from the log.
   *
   * @param events their number, or 0 if unknown.
   * @param position the next entry is after it
   */
  gap(events: number, position: LogPosition | undefined): void
  failed(err: unknown, text: string): void
}

/**
 * Where following starts: after a position, with the next event (`end`), or with the oldest event of the log (`start`).
 */
export type LogStart = LogPosition | 'end' | 'start'

/**
 * Follows one topic of a shared log: the events of all servers, in the order of the log.
 *
 * A hole that the log reports is filled by reading the log. While the log cannot be read or followed, the tail waits
 * and tries again, because the log will have the events appended meanwhile.
 */
export class LogTail implements LogFollower {
  /**
   * Settles when the log has been asked once for its end, whether it answered or not. Never rejects. Undefined: it has
   * answered.
   */
  readonly asked: Promise<void> | undefined
  readonly #log: EventLog
  readonly #topic: LoggedTopic
  readonly #reader: LogTailReader
  readonly #services: LogTailServices
  readonly #start: LogStart
  #following: LogFollowing | undefined
  /** Everything up to here has been delivered. Undefined: the end of the log was unknown when following began. */
  #last: LogPosition | undefined
  /** Until the state is `following`, events from the log are not delivered, because they will be read. */
  #state: 'starting' | 'reading' | 'following' | 'stopped' = 'starting'
  /** An event was appended before the state was `following`. */
  #isReadAgain = false
  readonly #retries: RetryDelays
  #waiting: (() => void)[] = []

  constructor(
    log: EventLog,
    topic: LoggedTopic,
    start: LogStart,
    reader: LogTailReader,
    services: LogTailServices,
  ) {
    this.#log = log
    this.#topic = topic
    this.#start = start
    this.#retries = new RetryDelays(services.environment, services.retryMaxMs)
    this.#reader = reader
    this.#services = services
    const followed = this.#follow()
    this.asked = followed === undefined ? this.#begin() : followed.then(() => this.#begin())
  }

  get last(): LogPosition | undefined {
    return this.#last
  }

  get isStopped(): boolean {
    return this.#state === 'stopped'
  }

  /** Settles when all events of the log have been delivered, or the tail has stopped. Never rejects. */
  ready(): Promise<void> {
    if (this.#state === 'following' || this.#state === 'stopped') return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  event(given: LogEntry, previous?: number): void {
    if (this.#state === 'stopped') return
    let entry: LogEntry
    try {
      entry = checkedEntry(given)
    } catch (err) {
      this.#failed(err, 'a log delivered an invalid event: reading the log instead')
      this.missed()
      return
    }
    const last = this.#last
    if (this.#state !== 'following' || last === undefined) {
      this.missed()
      return
    }
    if (isSameLog(last, entry.position)) {
      if (entry.position.number <= last.number) return
      if (previous !== undefined && previous > last.number) {
        this.missed()
        return
      }
    } else this.#reader.gap(0, before(entry.position))
    this.#bring(entry)
  }

  missed(): void {
    if (this.#state === 'stopped') return
    if (this.#state !== 'following') {
      this.#isReadAgain = true
      return
    }
    this.#state = 'reading'
    void this.#read()
  }

  stop(): void {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    this.#retries.stop()
    this.#settle()
    try {
      const stopped: unknown = this.#following?.stop()
      if (isThenable(stopped)) stopped.then(undefined, (err) => this.#stopFailed(err))
    } catch (err) {
      this.#stopFailed(err)
    }
  }

  /** @returns undefined if the log is already being followed, or cannot be. Never rejects */
  #follow(): Promise<void> | undefined {
    try {
      const following = this.#log.follow?.(this.#topic, this)
      if (typeof following?.stop !== 'function')
        throw new TypeError('follow of the log did not return an object with a method stop')
      this.#following = following
      return this.#services.logCalls
        .following(following)
        ?.catch((err) => this.#failed(err, 'a log could not be followed yet'))
    } catch (err) {
      this.#failed(err, 'a log could not be followed and will be retried')
      this.#followLater()
      return undefined
    }
  }

  /** Follows after a delay, and reads what was appended until then. */
  #followLater(): void {
    this.#retries.after(() => {
      const followed = this.#follow()
      if (this.#following === undefined) return
      if (followed === undefined) this.missed()
      else void followed.then(() => this.missed())
    })
  }

  #begin(): Promise<void> | undefined {
    if (this.#state === 'stopped') return undefined
    if (this.#start === 'end') return this.#findEnd()
    this.#state = 'reading'
    if (this.#start !== 'start') this.#last = this.#start
    void this.#read()
    return undefined
  }

  #findEnd(): Promise<void> | undefined {
    const take = ({ position }: LogReading) => {
      this.#last = position
      this.#begun()
    }
    const failed = (err: unknown) => {
      this.#failed(err, cannotBeRead)
      this.#begun()
    }
    try {
      const end = this.#page(undefined)
      if (end instanceof Promise) return end.then(take, failed)
      take(end)
    } catch (err) {
      failed(err)
    }
    return undefined
  }

  /** The log has returned its end. If it failed to, it is read until it does. */
  #begun(): void {
    if (this.#state !== 'starting') return
    this.#state = 'following'
    if (this.#isReadAgain || this.#last === undefined) this.missed()
    else this.#settle()
  }

  /** Settles when everything has been delivered, or the tail has stopped. */
  async #read(): Promise<void> {
    while (this.#state === 'reading') {
      try {
        this.#isReadAgain = false
        await this.#readToEnd()
        this.#retries.worked()
        if (this.#isReadAgain || this.#state !== 'reading') continue
        this.#state = 'following'
        this.#settle()
      } catch (err) {
        if (isClosed(err)) return
        this.#failed(err, cannotBeRead)
        await this.#retries.wait()
      }
    }
  }

  async #readToEnd(): Promise<void> {
    if (this.#last === undefined && this.#start === 'start') {
      const { position } = await this.#page(undefined)
      this.#last = { log: position.log, number: 0 }
    }
    for (;;) {
      const from = this.#last
      const page = await this.#page(from)
      if (this.#state !== 'reading') return
      if (from === undefined) this.#reader.gap(0, page.position)
      else if (page.missed !== undefined) this.#reader.gap(page.missed, startOf(page))
      for (const entry of page.entries) {
        this.#bring(entry)
        // The reader may have stopped the tail.
        if (this.#state !== 'reading') return
      }
      this.#last = page.position
      if (from === undefined || page.isEnd) return
    }
  }

  #page(position: LogPosition | undefined): LogReading | Promise<LogReading> {
    const { logCalls, pageEvents: eventsMax, pageBytes: bytesMax } = this.#services
    return logCalls.after(this.#log, { ...this.#topic, position, eventsMax, bytesMax })
  }

  #bring(entry: LogEntry): void {
    this.#last = entry.position
    this.#reader.bring(entry)
  }

  #settle(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting = []
  }

  #stopFailed(err: unknown): void {
    this.#failed(err, 'stop of a followed log failed')
  }

  #failed(err: unknown, text: string): void {
    if (!isClosed(err)) this.#reader.failed(err, text)
  }
}

const cannotBeRead = 'a log could not be read and will be retried'

function isClosed(err: unknown): boolean {
  return ServerError.is(err) && err.code === 'SERVER_CLOSED'
}

/** The position directly before the first entry. */
function startOf({ entries, position }: LogReading): LogPosition {
  const [first] = entries
  return first === undefined ? position : before(first.position)
}

function before({ log, number }: LogPosition): LogPosition {
  return { log, number: Math.max(0, number - 1) }
}
