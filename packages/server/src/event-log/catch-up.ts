import type { ContractEvent } from '@frameport/protocol'
import { isSameLog } from '@frameport/protocol/envelope'
import { type EventEncoding, type EventGap, type EventLedger, encodeEvent } from '@frameport/protocol/session'
import type { EventLog, LogEntry, LogPosition, LogReading } from '../event-log.ts'
import type { DeliveryVerdict, LoggedPlace, Subscriber } from '../events/subscriptions.ts'
import type { ServerLimits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import { ServerError } from '../server-error.ts'
import type { LogCalls } from './log-calls.ts'

/** A connection that receives events from a log. */
export interface LogReader extends Subscriber {
  readonly id: string
  /** Like `deliver`. @returns undefined if there is no room; the event is then not left out */
  deliverIfRoom(event: EventEncoding): DeliveryVerdict | undefined
  /** Settles with true once the connection has room again, or with false once it is gone. Never rejects. */
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
  /** Called when a live subscription has no room: start it again once there is room. */
  fellBehind(catchUp: CatchUp): void
}

/** A published event that waits until the earlier events of the log have been sent. */
interface HeldEvent {
  readonly event: EventEncoding
  readonly place: LoggedPlace | undefined
}

/**
 * Takes the place of a connection among the subscribers of a topic, and first sends it the events of the log after a
 * position.
 *
 * The log is read page by page. An event published before a page is requested is part of that page. Later events are
 * held until the page has been sent, if it is the last one; then they follow, without the events of the page. When too
 * many would be held, they are dropped, because the log has them, and one more page is read.
 *
 * After that the subscription is live while the connection has room. When it has none, events are neither held nor left
 * out: the log has them, and is read again.
 */
export class CatchUp implements Subscriber {
  readonly #services: CatchUpServices
  readonly #of: LoggedSubscription
  /** The connection has received everything up to here, or a gap for it. */
  #position: LogPosition | undefined
  /** The number of appended events when the log returned the page: the place of a later one is after the page. */
  #appended = 0
  #page: LogReading | undefined
  #at = 0
  /** Undefined while published events will be part of a later page. */
  #held: HeldEvent[] | undefined
  #heldBytes = 0
  #isLive = false
  #isOver = false

  /** @param position undefined: the current end of the log */
  constructor(of: LoggedSubscription, position: LogPosition | undefined, services: CatchUpServices) {
    this.#of = of
    this.#position = position
    this.#services = services
  }

  /** Stops sending. */
  end(): void {
    this.#isOver = true
    this.#release()
    this.#page = undefined
  }

  /** Asks for the end of the log, and holds events published from now on. @returns undefined if the log failed */
  async findEnd(): Promise<LogPosition | undefined> {
    const page = await this.#read()
    this.#take(page)
    return page?.position
  }

  /** True if the held events directly follow the events that the connection has received. */
  get isAtEnd(): boolean {
    const page = this.#page
    return page?.isEnd === true && this.#at >= page.entries.length && this.#held !== undefined
  }

  /** Sends the held events, and from then on each published event directly. */
  goLive(): void {
    const held = this.#held ?? []
    this.#release()
    this.#leavePage()
    this.#isLive = true
    for (const { event, place } of held) this.deliver(event, place)
  }

  /**
   * Lets other topics read before this one continues.
   *
   * @returns false, without effect, unless a page other than the last has been sent
   */
  pause(): boolean {
    const page = this.#page
    if (page === undefined || this.#at < page.entries.length || this.isAtEnd) return false
    this.#leavePage()
    return true
  }

  /**
   * Takes the next step: sends one event, or reads the log once.
   *
   * @returns undefined if the next step can follow at once; otherwise a promise to wait for, which settles with false
   * if there is no next step
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

  /** The log cannot be read: sends a gap, and continues with published events. */
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

  /** A subscription that still reads finds out from the log whether the event is missing. */
  leaveOut(event: EventEncoding): void {
    if (this.#isLive) this.#of.reader.leaveOut(event)
    else this.#release()
  }

  /** A subscription that still reads gets these events from the log. */
  sendGap(gap: EventGap): void {
    if (this.#isLive) this.#of.reader.sendGap(gap)
    else this.#release()
  }

  eventsSent(): Promise<boolean> {
    return this.#of.reader.eventsSent()
  }

  /** Reads the event that has no room from the log later, with the events published until then. */
  #fallBehind({ position }: LoggedPlace): void {
    const stands = this.#position
    // The new log does not have the earlier events, but the connection has received them.
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

  /** Reports that the log contradicted itself. The event was in no page, so it is still sent. */
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
    // If one event waits, the next one waits here.
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

  /** The page has been sent, and covers the topic up to its end. */
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

  /** @param page undefined if the log failed: its events become a gap */
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
    // The held events are in a later page.
    if (!page.isEnd) this.#release()
    this.#page = page
  }

  #gap(gap: Pick<EventGap, 'events' | 'position'>): void {
    const { event, topic, reader } = this.#of
    reader.sendGap({ event: event.wireName, topic, ...gap })
  }
}

/** The position directly before this one. */
function before({ log, number }: LogPosition): LogPosition {
  return { log, number: Math.max(0, number - 1) }
}
