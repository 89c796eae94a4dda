import { isSameLog } from '@frameport/protocol/envelope'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
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

export interface LogTailServices {
  readonly environment: SessionEnvironment
  readonly logCalls: LogCalls
  readonly pageEvents: number
  readonly pageBytes: number
  /** How long a log that cannot be read is left alone. */
  readonly retryMs: number
}

/** Whom the tail of a log tells. */
export interface LogTailReader {
  /** Each entry comes once, in the order of the log. */
  bring(entry: LogEntry): void
  /** The log does not have some entries. @param events how many, 0 when nobody knows. @param position the next entry comes after it */
  gap(events: number, position: LogPosition | undefined): void
  failed(err: unknown, text: string): void
}

/** Where a tail begins: behind a position, behind what the log has now, or with the oldest entry that it has. */
export type LogStart = LogPosition | 'end' | 'start'

/**
 * One topic of a log that servers share: what any of them appends, in the order of the log.
 *
 * A hole that the log tells of is filled by reading the log. While the log cannot be read the tail stands still and tries again, since what is appended meanwhile will be there.
 */
export class LogTail implements LogFollower {
  /** Settles when the log is followed and what it had is out. Never rejects. Undefined: that is so already. */
  readonly ready: Promise<void> | undefined
  readonly #log: EventLog
  readonly #topic: LoggedTopic
  readonly #reader: LogTailReader
  readonly #services: LogTailServices
  #following: LogFollowing | undefined
  /** Everything up to here is out. Undefined: nobody knows where the log ended when it was followed. */
  #last: LogPosition | undefined
  #state: 'following' | 'reading' | 'stopped' = 'following'
  /** Something was appended while the log was read. */
  #isReadAgain = false
  #retry: SessionTimer | undefined
  #endPause: (() => void) | undefined

  constructor(
    log: EventLog,
    topic: LoggedTopic,
    start: LogStart,
    reader: LogTailReader,
    services: LogTailServices,
  ) {
    this.#log = log
    this.#topic = topic
    this.#reader = reader
    this.#services = services
    this.ready = this.#start(start)
  }

  get last(): LogPosition | undefined {
    return this.#last
  }

  get isStopped(): boolean {
    return this.#state === 'stopped'
  }

  event(given: LogEntry, previous?: number): void {
    if (this.#state === 'stopped') return
    let entry: LogEntry
    try {
      entry = checkedEntry(given)
    } catch (err) {
      this.#failed(err, 'a log told of an event that cannot be: it is read')
      this.missed()
      return
    }
    if (this.#state === 'reading') {
      this.#isReadAgain = true
      return
    }
    const last = this.#last
    if (last !== undefined && isSameLog(last, entry.position)) {
      if (entry.position.number <= last.number) return
      if (previous !== undefined && previous > last.number) {
        this.missed()
        return
      }
    } else if (last !== undefined) this.#reader.gap(0, before(entry.position))
    this.#bring(entry)
  }

  missed(): void {
    if (this.#state === 'reading') this.#isReadAgain = true
    if (this.#state !== 'following') return
    this.#state = 'reading'
    void this.#read()
  }

  stop(): void {
    this.#state = 'stopped'
    this.#retry?.cancel()
    this.#endPause?.()
    try {
      this.#following?.stop()
    } catch (err) {
      this.#failed(err, 'a log failed to stop following')
    }
  }

  #start(start: LogStart): Promise<void> | undefined {
    const begun = this.#follow()
    if (begun === undefined) return this.#begin(start)
    return begun.then(() => this.#begin(start))
  }

  /** @returns undefined when the log follows already. Never rejects */
  #follow(): Promise<void> | undefined {
    try {
      this.#following = this.#log.follow?.(this.#topic, this)
      if (this.#following === undefined) return undefined
      return this.#services.logCalls
        .following(this.#following)
        ?.catch((err) => this.#failed(err, 'a log is not followed yet'))
    } catch (err) {
      this.#failed(err, 'a log cannot be followed')
      return undefined
    }
  }

  #begin(start: LogStart): Promise<void> | undefined {
    if (start === 'end') return this.#findEnd()
    this.#state = 'reading'
    if (start !== 'start') this.#last = start
    return this.#read(start === 'start')
  }

  #findEnd(): Promise<void> | undefined {
    const take = ({ position }: LogReading) => {
      this.#last ??= position
    }
    try {
      const end = this.#after(undefined)
      if (end instanceof Promise) return end.then(take).catch((err) => this.#failed(err, cannotBeRead))
      take(end)
    } catch (err) {
      this.#failed(err, cannotBeRead)
    }
    return undefined
  }

  /** Settles when all is out, or nobody wants it any more. */
  async #read(isFromStart = false): Promise<void> {
    while (this.#state === 'reading') {
      try {
        if (isFromStart) {
          const { position } = await this.#after(undefined)
          this.#last ??= { log: position.log, number: 0 }
        }
        this.#isReadAgain = false
        await this.#readToEnd()
        if (this.#isReadAgain) continue
        if (this.#state === 'reading') this.#state = 'following'
        return
      } catch (err) {
        if (isClosed(err)) return
        this.#failed(err, cannotBeRead)
        await this.#pause()
      }
    }
  }

  #pause(): Promise<void> {
    const { environment, retryMs } = this.#services
    return new Promise((resolve) => {
      this.#endPause = resolve
      this.#retry = environment.setTimer(retryMs, resolve)
    })
  }

  async #readToEnd(): Promise<void> {
    for (;;) {
      const from = this.#last
      const page = await this.#after(from)
      if (this.#state === 'stopped') return
      if (from === undefined) this.#reader.gap(0, page.position)
      else if (page.missed !== undefined) this.#reader.gap(page.missed, startOf(page))
      for (const entry of page.entries) this.#bring(entry)
      this.#last = page.position
      if (from === undefined || page.isEnd) return
    }
  }

  #after(position: LogPosition | undefined): LogReading | Promise<LogReading> {
    const { logCalls, pageEvents: eventsMax, pageBytes: bytesMax } = this.#services
    return logCalls.after(this.#log, { ...this.#topic, position, eventsMax, bytesMax })
  }

  #bring(entry: LogEntry): void {
    this.#last = entry.position
    this.#reader.bring(entry)
  }

  #failed(err: unknown, text: string): void {
    if (!isClosed(err)) this.#reader.failed(err, text)
  }
}

const cannotBeRead = 'a log cannot be read: it is tried again'

function isClosed(err: unknown): boolean {
  return ServerError.is(err) && err.code === 'SERVER_CLOSED'
}

/** What comes next stands behind it. */
function startOf({ entries, position }: LogReading): LogPosition {
  const [first] = entries
  return first === undefined ? position : before(first.position)
}

function before({ log, number }: LogPosition): LogPosition {
  return { log, number: Math.max(0, number - 1) }
}
