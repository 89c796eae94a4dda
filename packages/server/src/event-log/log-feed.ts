import type { ContractEvent } from '@frameport/protocol'
import { isSameLog } from '@frameport/protocol/envelope'
import {
  type EventLedger,
  encodeEvent,
  type SessionEnvironment,
  type SessionTimer,
} from '@frameport/protocol/session'
import type {
  EventLog,
  LogEntry,
  LogFollower,
  LogFollowing,
  LogPlace,
  LogPosition,
  LogReading,
} from '../event-log.ts'
import { type EventPublication, type HeldPublication, publishedToNobody } from '../events/publication.ts'
import { type Subscriptions, topicOfKey } from '../events/subscriptions.ts'
import type { TopicFeed } from '../events/topic-feed.ts'
import type { ServerLimits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import { ServerError } from '../server-error.ts'
import { checkedEntry, type LogCalls } from './log-calls.ts'

export interface LogFeedServices {
  readonly subscriptions: Subscriptions
  readonly eventLedger: EventLedger
  readonly environment: SessionEnvironment
  readonly log: Logger
  readonly logCalls: LogCalls
  readonly limits: Pick<ServerLimits, 'logPageEvents' | 'logPageBytes' | 'logTimeoutMs'>
}

/**
 * Brings the events of one topic from a log that servers share, whichever server appended them, in the order of the log: to all subscribers here, encoded once.
 *
 * A hole that the log tells of is filled by reading the log. While the log cannot be read the feed stands still and tries again, since what is appended meanwhile will be
 * there; subscribers are told of a gap when the log has forgotten something.
 */
export class LogFeed implements TopicFeed, LogFollower {
  readonly ready: Promise<void> | undefined
  readonly #key: string
  readonly #event: ContractEvent
  readonly #log: EventLog
  readonly #services: LogFeedServices
  #following: LogFollowing | undefined
  /** Everything up to here has been brought. Undefined: nobody knows where the log ended when it was followed. */
  #last: LogPosition | undefined
  #state: 'following' | 'reading' | 'stopped' = 'following'
  /** Something was appended while the log was read. */
  #isReadAgain = false
  #retry: SessionTimer | undefined
  /** Appends of this server that are under way. What is brought meanwhile may be theirs. */
  #expected = 0
  readonly #brought = new Map<number, EventPublication>()
  /** Those whose events the log has taken, and has not told of yet. */
  readonly #awaited = new Map<number, (publication: EventPublication) => void>()

  constructor(key: string, event: ContractEvent, log: EventLog, services: LogFeedServices) {
    this.#key = key
    this.#event = event
    this.#log = log
    this.#services = services
    this.ready = this.#follow()
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
    } else if (last !== undefined) this.#gap(0)
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
    try {
      this.#following?.stop()
    } catch (err) {
      this.#failed(err, 'a log failed to stop following')
    }
    for (const settle of this.#awaited.values()) settle(publishedToNobody())
    this.#awaited.clear()
  }

  /** This server appends an event. @returns what is to be called with its place, or without when the append failed */
  expect(): (place?: LogPlace) => EventPublication | Promise<HeldPublication> {
    this.#expected += 1
    const before = this.#last
    return (place) => {
      this.#expected -= 1
      try {
        if (place === undefined || place.isRepeat === true)
          return publishedToNobody(place, place !== undefined)
        this.#checkGrows(before, place)
        return this.#publicationOf(place)
      } finally {
        if (this.#expected === 0) this.#brought.clear()
      }
    }
  }

  /** @throws ServerError `LOG_FAILED`. A log that has lost what it had and kept its id gives places that subscribers take for old ones. */
  #checkGrows(before: LogPosition | undefined, place: LogPlace): void {
    if (before === undefined || !isSameLog(before, place) || place.number > before.number) return
    const cause = new RangeError(`append gave the number ${place.number} behind ${before.number}`)
    const text =
      'append of the log gave a number that does not grow: a log that has lost what it had needs another id'
    throw new ServerError('LOG_FAILED', text, { cause })
  }

  #publicationOf(place: LogPlace): EventPublication | Promise<HeldPublication> {
    const { number } = place
    const brought = this.#brought.get(number)
    if (brought !== undefined) return brought
    const last = this.#last
    const isPast = last !== undefined && isSameLog(last, place) && last.number >= number
    if (isPast || this.#state === 'stopped') return publishedToNobody(place)
    const told = new Promise<HeldPublication>((resolve) =>
      this.#awaited.set(number, (publication) => resolve({ publication })),
    )
    return this.#services.logCalls.told(told).catch(() => {
      this.#awaited.delete(number)
      this.missed()
      return { publication: publishedToNobody(place) }
    })
  }

  /** @returns undefined when the log follows already, and has said where it ends */
  #follow(): Promise<void> | undefined {
    const { logCalls } = this.#services
    try {
      const topic = topicOfKey(this.#key)
      this.#following = this.#log.follow?.(topic, this)
      const ready = this.#following === undefined ? undefined : logCalls.following(this.#following)
      const end = ready === undefined ? this.#findEnd() : ready.then(() => this.#findEnd())
      return end?.catch((err) => this.#failed(err, 'a log is not followed yet'))
    } catch (err) {
      this.#failed(err, 'a log cannot be followed')
      return undefined
    }
  }

  #findEnd(): Promise<void> | undefined {
    const end = this.#after(undefined)
    const take = ({ position }: LogReading) => {
      this.#last ??= position
    }
    if (end instanceof Promise) return end.then(take)
    take(end)
    return undefined
  }

  async #read(): Promise<void> {
    try {
      do {
        this.#isReadAgain = false
        await this.#readToEnd()
      } while (this.#isReadAgain && this.#state === 'reading')
      if (this.#state === 'reading') this.#state = 'following'
    } catch (err) {
      if (this.#state === 'stopped' || (ServerError.is(err) && err.code === 'SERVER_CLOSED')) return
      const { environment, limits } = this.#services
      this.#failed(err, 'a log cannot be read: subscribers wait until it can')
      this.#retry = environment.setTimer(limits.logTimeoutMs, () => void this.#read())
    }
  }

  async #readToEnd(): Promise<void> {
    for (;;) {
      const from = this.#last
      const page = await this.#after(from)
      if (this.#state === 'stopped') return
      if (from === undefined) this.#gap(0)
      else if (page.missed !== undefined) this.#gap(page.missed, page)
      for (const entry of page.entries) this.#bring(entry)
      this.#last = page.position
      if (from === undefined || page.isEnd) return
    }
  }

  #after(position: LogPosition | undefined): LogReading | Promise<LogReading> {
    const { logCalls, limits } = this.#services
    const { logPageEvents: eventsMax, logPageBytes: bytesMax } = limits
    return logCalls.after(this.#log, { ...topicOfKey(this.#key), position, eventsMax, bytesMax })
  }

  #bring({ position, body }: LogEntry): void {
    const { subscriptions, eventLedger } = this.#services
    this.#last = position
    const encode = () =>
      encodeEvent(
        { ...topicOfKey(this.#key), body, position },
        { whenSlow: this.#event.whenSlow, ledger: eventLedger },
      )
    let publication = publishedToNobody(position)
    try {
      publication = subscriptions.publish(this.#key, encode, { position, appended: 0 })
    } catch (err) {
      this.#failed(err, 'an event of a log could not be sent: subscribers are told of a gap')
      this.#gap(1)
    }
    if (this.#expected > 0) this.#brought.set(position.number, publication)
    for (const [number, settle] of this.#awaited) {
      if (number > position.number) return
      this.#awaited.delete(number)
      settle(number === position.number ? publication : publishedToNobody({ ...position, number }))
    }
  }

  #gap(events: number, page?: LogReading): void {
    const [first] = page?.entries ?? []
    const { log, number } = first?.position ?? { ...page?.position, number: (page?.position.number ?? 0) + 1 }
    const position = log === undefined ? undefined : { log, number: Math.max(0, number - 1) }
    this.#services.subscriptions.gap(this.#key, { events, position })
  }

  #failed(err: unknown, text: string): void {
    if (ServerError.is(err) && err.code === 'SERVER_CLOSED') return
    this.#services.log.error({ event: this.#event.wireName, err }, text)
  }
}
