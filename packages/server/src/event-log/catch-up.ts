import type { ContractEvent } from '@frameport/protocol'
import { isSameLog } from '@frameport/protocol/envelope'
import { type EventEncoding, type EventGap, type EventLedger, encodeEvent } from '@frameport/protocol/session'
import type { EventLog, LogEntry, LogPosition, LogReading } from '../event-log.ts'
import type { DeliveryVerdict, LoggedPlace, Subscriber } from '../events/subscriptions.ts'
import type { ServerLimits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import { ServerError } from '../server-error.ts'
import type { LogCalls } from './log-calls.ts'

/** A connection, as one that is sent what a log has kept for it. */
export interface LogReader extends Subscriber {
  readonly id: string
  /** As `deliver`. @returns undefined, and leaves nothing out, where there is no room for it */
  deliverIfRoom(event: EventEncoding): DeliveryVerdict | undefined
  /** Settles with true once it has room again, with false when it is gone. Never rejects. */
  eventsDrained(): Promise<boolean>
}

export interface CatchUpServices {
  readonly eventLedger: EventLedger
  readonly logCalls: LogCalls
  readonly log: Logger
  readonly limits: Pick<ServerLimits, 'logPageEvents' | 'logPageBytes'>
}

/** One topic of one connection. */
export interface LoggedSubscription {
  readonly event: ContractEvent
  readonly topic: string
  readonly log: EventLog
  readonly reader: LogReader
  /** It was live, and there is no room: it is to be started once there is. */
  fellBehind(catchUp: CatchUp): void
}

/** A published event that waits until those of the log before it are out. */
interface HeldEvent {
  readonly event: EventEncoding
  readonly place: LoggedPlace | undefined
}

/**
 * Stands in the place of a connection among the subscribers of a topic, and sends it first what the log has behind a position.
 *
 * The log is read page by page. What is published before a page is asked for comes with a page. What is published from then on is held, until
 * the page turns out to be the last one and is out: then it follows, without what the page had. When too much would be held it is
 * let go, because the log has it, and one more page is read.
 *
 * Then it is live, for as long as the connection has room for what is published. Where it has none nothing is held, and nothing left out: the log
 * has it, and is read again.
 */
export class CatchUp implements Subscriber {
  readonly #services: CatchUpServices
  readonly #of: LoggedSubscription
  /** Where the connection stands: it has everything up to here, or was told that it misses it. */
  #position: LogPosition | undefined
  /** How many events logs had been given when the log said that: a later one has a place behind it. */
  #appended = 0
  #page: LogReading | undefined
  #at = 0
  /** Undefined while what is published will be in a later page. */
  #held: HeldEvent[] | undefined
  #heldBytes = 0
  #isLive = false
  #isOver = false

  /** @param position undefined: where the log ends now */
  constructor(of: LoggedSubscription, position: LogPosition | undefined, services: CatchUpServices) {
    this.#of = of
    this.#position = position
    this.#services = services
  }

  /** Nothing is to be sent any more. */
  end(): void {
    this.#isOver = true
    this.#release()
    this.#page = undefined
  }

  /** Asks where the log ends, and holds what is published from now on. @returns undefined when the log failed */
  async findEnd(): Promise<LogPosition | undefined> {
    const page = await this.#read()
    this.#take(page)
    return page?.position
  }

  /** Nothing stands between what the connection has and what is held. */
  get isAtEnd(): boolean {
    const page = this.#page
    return page?.isEnd === true && this.#at >= page.entries.length && this.#held !== undefined
  }

  /** What is published goes to the connection from here on, behind what was held. */
  goLive(): void {
    const held = this.#held ?? []
    this.#release()
    this.#leavePage()
    this.#isLive = true
    for (const { event, place } of held) this.deliver(event, place)
  }

  /** Others may read before it reads on. @returns false, and does nothing, unless a page is out that was not the last one */
  pause(): boolean {
    const page = this.#page
    if (page === undefined || this.#at < page.entries.length || this.isAtEnd) return false
    this.#leavePage()
    return true
  }

  /**
   * Sends what comes next. Each step is one event, or one look at the log.
   *
   * @returns what has to be waited for before the next step, and gives false when there is none; undefined when that can be at once
   */
  step(): Promise<boolean> | 'done' | undefined {
    if (this.#isOver || this.#isLive) return 'done'
    const entry = this.#page?.entries[this.#at]
    if (entry !== undefined) return this.#send(entry)
    if (this.isAtEnd) {
      this.goLive()
      return 'done'
    }
    const reading = this.#read()
    if (reading instanceof Promise) return reading.then((page) => this.#took(page))
    this.#take(reading)
    return undefined
  }

  #took(page: LogReading | undefined): boolean {
    this.#take(page)
    return !this.#isOver
  }

  /** The log cannot be read: the connection goes on with what is published, behind a gap. */
  giveUp(): void {
    if (this.#isOver || this.#isLive) return
    this.#page = undefined
    this.#position = undefined
    this.#gap({ events: 0, position: undefined })
    this.goLive()
  }

  deliver(event: EventEncoding, place?: LoggedPlace): DeliveryVerdict {
    if (!this.#isLive) {
      this.#hold({ event, place })
      return 'waiting'
    }
    if (place === undefined) return this.#of.reader.deliver(event)
    if (this.#has(place)) return 'taken'
    const verdict = this.#of.reader.deliverIfRoom(event)
    if (verdict === undefined) {
      this.#fallBehind(place)
      return 'waiting'
    }
    this.#position = place.position
    return verdict
  }

  /** The log knows better whether it is missing, for one who has not read all of it. */
  leaveOut(event: EventEncoding): void {
    if (this.#isLive) this.#of.reader.leaveOut(event)
    else this.#release()
  }

  /** Whoever still reads has the log for it. */
  sendGap(gap: EventGap): void {
    if (this.#isLive) this.#of.reader.sendGap(gap)
    else this.#release()
  }

  eventsSent(): Promise<boolean> {
    return this.#of.reader.eventsSent()
  }

  /** What has no room comes out of the log, with all that is published until then. */
  #fallBehind({ position }: LoggedPlace): void {
    const stands = this.#position
    // Another log has nothing of what came before, and the connection has that.
    if (stands === undefined || !isSameLog(stands, position)) this.#position = before(position)
    this.#isLive = false
    this.#of.fellBehind(this)
  }

  #has({ position, appended }: LoggedPlace): boolean {
    const stands = this.#position
    if (stands === undefined || position.number > stands.number || !isSameLog(position, stands)) return false
    if (appended <= this.#appended) return true
    this.#reportPlace(position, stands)
    return false
  }

  /** The log has contradicted itself. No page had the event, so that it goes out. */
  #reportPlace({ number }: LogPosition, read: LogPosition): void {
    const { reader, event } = this.#of
    const text =
      'a log gave an event a position that is not after the events it had reported: a log that has lost events needs a new id'
    const err = new ServerError('LOG_FAILED', text, {
      cause: new RangeError(`append returned the number ${number}, and after had returned ${read.number}`),
    })
    this.#services.log.error({ connection: reader.id, event: event.wireName, err }, text)
  }

  #hold(held: HeldEvent): void {
    if (this.#held === undefined) return
    const { logPageEvents, logPageBytes } = this.#services.limits
    this.#held.push(held)
    this.#heldBytes += held.event.bodyBytes
    if (this.#held.length > logPageEvents || this.#heldBytes > logPageBytes) this.#release()
  }

  #release(): void {
    this.#held = undefined
    this.#heldBytes = 0
  }

  #send(entry: LogEntry): Promise<boolean> | undefined {
    const { event, topic, reader } = this.#of
    const encoded = encodeEvent(
      { event: event.wireName, topic, body: entry.body, position: entry.position },
      { whenSlow: event.whenSlow, ledger: this.#services.eventLedger },
    )
    const verdict = reader.deliverIfRoom(encoded)
    if (verdict !== undefined) this.#at += 1
    // Where one waits, the next one waits here.
    return verdict === 'taken' ? undefined : reader.eventsDrained()
  }

  #read(): LogReading | undefined | Promise<LogReading | undefined> {
    const { logCalls, limits } = this.#services
    const { event, topic, log } = this.#of
    this.#leavePage()
    this.#held = []
    this.#heldBytes = 0
    const query = {
      event: event.wireName,
      topic,
      position: this.#position,
      eventsMax: limits.logPageEvents,
      bytesMax: limits.logPageBytes,
    }
    try {
      const reading = logCalls.after(log, query)
      return reading instanceof Promise ? reading.catch((error) => this.#failed(error)) : reading
    } catch (error) {
      return this.#failed(error)
    }
  }

  /** It is out, and it was all that the topic had up to its end. */
  #leavePage(): void {
    this.#position = this.#page?.position ?? this.#position
    this.#page = undefined
    this.#at = 0
  }

  #failed(err: unknown): undefined {
    const { reader, event } = this.#of
    const facts = { connection: reader.id, event: event.wireName, err }
    this.#services.log.error(facts, 'a log could not be read: the subscriber receives a gap')
    return undefined
  }

  /** @param page undefined when the log failed: what it has is a gap */
  #take(page: LogReading | undefined): void {
    if (this.#isOver) return
    if (page === undefined) {
      if (this.#position === undefined) this.goLive()
      else this.giveUp()
      return
    }
    const [first] = page.entries
    if (page.missed !== undefined) {
      const position = first === undefined ? page.position : before(first.position)
      this.#gap({ events: page.missed, position })
    }
    this.#appended = this.#services.logCalls.appended
    // What was held is in a later page.
    if (!page.isEnd) this.#release()
    this.#page = page
  }

  #gap(gap: Pick<EventGap, 'events' | 'position'>): void {
    const { event, topic, reader } = this.#of
    reader.sendGap({ event: event.wireName, topic, ...gap })
  }
}

/** The next event comes after it. */
function before({ log, number }: LogPosition): LogPosition {
  return { log, number: Math.max(0, number - 1) }
}
