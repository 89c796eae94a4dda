import type { ContractEvent } from '@frameport/protocol'
import { isSameLog } from '@frameport/protocol/envelope'
import { type EventLedger, encodeEvent, type SessionEnvironment } from '@frameport/protocol/session'
import type { EventLog, LogEntry, LogPlace, LogPosition } from '../event-log.ts'
import { type EventPublication, type HeldPublication, publishedToNobody } from '../events/publication.ts'
import { type Subscriptions, topicOfKey } from '../events/subscriptions.ts'
import type { TopicFeed } from '../events/topic-feed.ts'
import type { ServerLimits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import { ServerError } from '../server-error.ts'
import type { LogCalls } from './log-calls.ts'
import { LogTail, type LogTailReader } from './log-tail.ts'

export interface LogFeedServices {
  readonly subscriptions: Subscriptions
  readonly eventLedger: EventLedger
  readonly environment: SessionEnvironment
  readonly log: Logger
  readonly logCalls: LogCalls
  readonly limits: Pick<ServerLimits, 'logPageEvents' | 'logPageBytes' | 'logTimeoutMs'>
}

/**
 * Delivers the events of one topic from a shared log to all subscribers of this server, encoded once. Events that this
 * server appends arrive the same way, so that all servers deliver in the same order.
 */
export class LogFeed implements TopicFeed, LogTailReader {
  readonly #key: string
  readonly #event: ContractEvent
  readonly #services: LogFeedServices
  readonly #tail: LogTail
  /**
   * Pending appends of this server, oldest first, each with the position of the tail when it began. An event that the
   * tail delivers after that may be its event.
   */
  readonly #expected = new Set<{ readonly since: LogPosition | undefined }>()
  readonly #brought = new Map<number, EventPublication>()
  /** Appended events that the log has not delivered yet. */
  readonly #awaited = new Map<number, Awaited>()

  constructor(key: string, event: ContractEvent, log: EventLog, services: LogFeedServices) {
    this.#key = key
    this.#event = event
    this.#services = services
    const { environment, logCalls, limits } = services
    this.#tail = new LogTail(log, topicOfKey(key), 'end', this, {
      environment,
      logCalls,
      pageEvents: limits.logPageEvents,
      pageBytes: limits.logPageBytes,
      retryMaxMs: limits.logTimeoutMs,
    })
  }

  get ready(): Promise<void> | undefined {
    return this.#tail.asked
  }

  stop(): void {
    this.#tail.stop()
    this.#giveUpAwaited(Number.POSITIVE_INFINITY)
  }

  /**
   * Call before this server appends an event.
   *
   * @returns a function to call with the place, or without one if the append failed
   */
  expect(): (place?: LogPlace) => EventPublication | Promise<HeldPublication> {
    const expected = { since: this.#tail.last }
    this.#expected.add(expected)
    return (place) => {
      this.#expected.delete(expected)
      try {
        if (place === undefined || place.isRepeat === true)
          return publishedToNobody(place, place !== undefined)
        checkGrows(expected.since, place)
        return this.#publicationOf(place)
      } finally {
        this.#forgetBrought()
      }
    }
  }

  bring({ position, body }: LogEntry): void {
    const { subscriptions, eventLedger } = this.#services
    const encode = () =>
      encodeEvent(
        { ...topicOfKey(this.#key), body, position },
        { whenSlow: this.#event.whenSlow, ledger: eventLedger },
      )
    let publication = publishedToNobody(position)
    try {
      publication = subscriptions.publish(this.#key, encode, { position, appended: 0 })
    } catch (err) {
      this.failed(err, 'an event of a log could not be sent: subscribers receive a gap')
      this.gap(1, position)
    }
    if (this.#expected.size > 0) this.#brought.set(position.number, publication)
    const awaited = this.#awaited.get(position.number)
    if (awaited === undefined) return
    this.#awaited.delete(position.number)
    awaited.settle(publication)
  }

  gap(events: number, position: LogPosition | undefined): void {
    this.#services.subscriptions.gap(this.#key, { events, position })
    this.#giveUpAwaited(position?.number ?? Number.POSITIVE_INFINITY)
  }

  failed(err: unknown, text: string): void {
    this.#services.log.error({ event: this.#event.wireName, err }, text)
  }

  /** Settles the awaited events up to this number, because they will not be delivered. */
  #giveUpAwaited(upTo: number): void {
    for (const [number, { place, settle }] of this.#awaited) {
      if (number > upTo) continue
      this.#awaited.delete(number)
      settle(publishedToNobody(place))
    }
  }

  /** Forgets the delivered events from before the oldest pending append: no append waits for them. */
  #forgetBrought(): void {
    const [oldest] = this.#expected
    if (oldest === undefined) {
      this.#brought.clear()
      return
    }
    for (const number of this.#brought.keys()) {
      if (number > (oldest.since?.number ?? 0)) return
      this.#brought.delete(number)
    }
  }

  #publicationOf(place: LogPlace): EventPublication | Promise<HeldPublication> {
    const { number } = place
    const brought = this.#brought.get(number)
    if (brought !== undefined) return brought
    const { last, isStopped } = this.#tail
    const isPast = last !== undefined && isSameLog(last, place) && last.number >= number
    if (isPast || isStopped) return publishedToNobody(place)
    const told = new Promise<HeldPublication>((resolve) => {
      this.#awaited.set(number, { place, settle: (publication) => resolve({ publication }) })
    })
    return this.#services.logCalls.told(told).catch(() => {
      this.#awaited.delete(number)
      this.#tail.missed()
      return { publication: publishedToNobody(place) }
    })
  }
}

/** An event that was appended. */
interface Awaited {
  readonly place: LogPlace
  readonly settle: (publication: EventPublication) => void
}

/**
 * @throws ServerError `LOG_FAILED`. A log that lost events and kept its id returns places that subscribers take for old
 * ones.
 */
function checkGrows(before: LogPosition | undefined, place: LogPlace): void {
  if (before === undefined || !isSameLog(before, place) || place.number > before.number) return
  const cause = new RangeError(`append returned the number ${place.number} after ${before.number}`)
  const text =
    'append of the log returned a number that does not grow: a log that has lost events needs a new id'
  throw new ServerError('LOG_FAILED', text, { cause })
}
