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
 * Brings the events of one topic from a log that servers share to all subscribers here, encoded once. What this server appends comes that way, too: so all servers deliver in one
 * order.
 */
export class LogFeed implements TopicFeed, LogTailReader {
  readonly #key: string
  readonly #event: ContractEvent
  readonly #services: LogFeedServices
  readonly #tail: LogTail
  /** Appends of this server that are under way, the oldest first: where the tail stood when each began. What is brought behind it may be theirs. */
  readonly #expected = new Set<{ readonly since: LogPosition | undefined }>()
  readonly #brought = new Map<number, EventPublication>()
  /** Those whose events the log has taken, and has not told of yet. */
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

  /** This server appends an event. @returns what is to be called with its place, or without when the append failed */
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

  /** Those up to this number are not brought any more. */
  #giveUpAwaited(upTo: number): void {
    for (const [number, { place, settle }] of this.#awaited) {
      if (number > upTo) continue
      this.#awaited.delete(number)
      settle(publishedToNobody(place))
    }
  }

  /** Nobody waits for what was brought before the oldest append that is under way. */
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

/** An event that the log has taken. */
interface Awaited {
  readonly place: LogPlace
  readonly settle: (publication: EventPublication) => void
}

/** @throws ServerError `LOG_FAILED`. A log that has lost what it had and kept its id gives places that subscribers take for old ones. */
function checkGrows(before: LogPosition | undefined, place: LogPlace): void {
  if (before === undefined || !isSameLog(before, place) || place.number > before.number) return
  const cause = new RangeError(`append returned the number ${place.number} after ${before.number}`)
  const text =
    'append of the log returned a number that does not grow: a log that has lost events needs a new id'
  throw new ServerError('LOG_FAILED', text, { cause })
}
