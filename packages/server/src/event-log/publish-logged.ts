import type { ContractEvent } from '@frameport/protocol'
import type { EnvelopeBody } from '@frameport/protocol/envelope'
import { type EventEncoding, type EventLedger, encodeEvent } from '@frameport/protocol/session'
import type { EventLog, EventToLog, LogPlace, LogPosition } from '../event-log.ts'
import { bodyToKeep } from '../events/event-to-send.ts'
import { type EventPublication, type HeldPublication, publishedToNobody } from '../events/publication.ts'
import { type Subscriptions, subscriptionKey } from '../events/subscriptions.ts'
import type { TopicFeed } from '../events/topic-feed.ts'
import type { Logger } from '../logger.ts'
import { ServerError } from '../server-error.ts'
import type { Publication } from '../server-types.ts'
import type { LogCalls } from './log-calls.ts'
import type { LogFeed } from './log-feed.ts'
import { LoggedPublication } from './logged-publication.ts'

/** The memory that an event waiting for its log costs in addition to its bytes. */
const holderBytes = 256

export interface LoggedEventsServices {
  readonly subscriptions: Pick<Subscriptions, 'publish' | 'leaveOut' | 'numberBefore'> & {
    feed(key: string): TopicFeed | undefined
  }
  readonly eventLedger: EventLedger
  readonly log: Logger
  readonly logCalls: LogCalls
}

/**
 * Publishes logged events. Each first gets its place in the log. If the log belongs to this server alone, the event is
 * then sent, in the order of publishing. If servers share the log, it is sent when the log delivers it to all of them,
 * in the order of the log.
 */
export class LoggedEvents {
  readonly #services: LoggedEventsServices
  /**
   * By topic: the last event that waits for its log, or for an earlier event. Settles when it was published. Never
   * rejects.
   */
  readonly #last = new Map<string, Promise<unknown>>()

  constructor(services: LoggedEventsServices) {
    this.#services = services
  }

  /** @throws ServerError `LOG_FAILED`; ProtocolError `INVALID_BODY`. In both cases nothing was published */
  publish(log: EventLog, event: ContractEvent, topic: string, payload: unknown, id?: string): Publication {
    const key = subscriptionKey(event.wireName, topic)
    const body = bodyToKeep(event, payload)
    const toLog = { event: event.wireName, topic, body, id }
    if (log.follow !== undefined) return this.#publishShared(log, toLog, key)
    const before = this.#last.get(key)
    const free = this.#takeRoom(body.bytes.length + holderBytes)
    const position = this.#append(log, toLog, free)
    const { appended } = this.#services.logCalls
    if (before === undefined && !(position instanceof Promise)) {
      free()
      if (position.isRepeat === true) return publishedToNobody(position, true)
      try {
        this.#checkGrows(key, position)
      } catch (error) {
        this.#leaveOut(event, topic, body)
        throw error
      }
      return this.#publish(event, topic, body, position, appended)
    }
    const published = this.#published(event, topic, body, position, appended, before).finally(free)
    const settled = published.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(key, settled)
    void settled.then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key)
    })
    return new LoggedPublication(published)
  }

  /** The log delivers the event to every server, including this one. */
  #publishShared(log: EventLog, event: EventToLog, key: string): Publication {
    const feed = this.#services.subscriptions.feed(key) as LogFeed | undefined
    const free = this.#takeRoom(event.body.bytes.length + holderBytes)
    const taken = feed?.expect() ?? ((place?: LogPlace) => publishedToNobody(place, place?.isRepeat === true))
    let place: LogPlace | Promise<LogPlace>
    try {
      place = this.#append(log, event, free)
    } catch (error) {
      taken()
      throw error
    }
    if (!(place instanceof Promise)) {
      free()
      const publication = taken(place)
      return publication instanceof Promise ? new LoggedPublication(publication) : publication
    }
    const published = place.finally(free).then(
      (settled) => held(taken(settled)),
      (error) => {
        taken()
        if (!(ServerError.is(error) && error.code === 'SERVER_CLOSED'))
          this.#services.log.error(
            { event: event.event, err: error },
            'an event was not published: its log failed',
          )
        throw error
      },
    )
    return new LoggedPublication(published)
  }

  /** @returns a function that gives the room back. @throws ServerError `LOG_FAILED` if too much waits already */
  #takeRoom(bytes: number): () => void {
    const { eventLedger } = this.#services
    if (eventLedger.take(bytes)) return () => eventLedger.give(bytes)
    throw new ServerError(
      'LOG_FAILED',
      'the event was not appended to its log: the events that wait for logs and subscribers have reached eventBytesWaitingMax',
    )
  }

  #append(log: EventLog, event: EventToLog, free: () => void): LogPlace | Promise<LogPlace> {
    try {
      return this.#services.logCalls.append(log, event)
    } catch (error) {
      free()
      throw error
    }
  }

  async #published(
    event: ContractEvent,
    topic: string,
    body: EnvelopeBody,
    given: LogPlace | Promise<LogPlace>,
    appended: number,
    before: Promise<unknown> | undefined,
  ): Promise<HeldPublication> {
    const { log } = this.#services
    let position: LogPlace
    try {
      // A rejection must not count as unhandled while this waits for the earlier events.
      const [answer] = await Promise.allSettled([given, before])
      if (answer.status === 'rejected') throw answer.reason
      position = answer.value
      if (position.isRepeat === true) return { publication: publishedToNobody(position, true) }
      this.#checkGrows(subscriptionKey(event.wireName, topic), position)
    } catch (error) {
      if (!(ServerError.is(error) && error.code === 'SERVER_CLOSED')) {
        log.error({ event: event.wireName, err: error }, 'an event was not published: its log failed')
        this.#leaveOut(event, topic, body)
      }
      throw error
    }
    return { publication: this.#publish(event, topic, body, position, appended) }
  }

  /**
   * Subscribers compare with the last place that they know: if places went backwards, they would get events twice or
   * miss them.
   *
   * @throws ServerError `LOG_FAILED`
   */
  #checkGrows(key: string, position: LogPosition): void {
    const before = this.#services.subscriptions.numberBefore(key, position)
    if (before === undefined) return
    const cause = new RangeError(`append returned the number ${position.number} after ${before}`)
    const text =
      'append of the log returned a number that does not grow: a log that has lost events needs a new id'
    throw new ServerError('LOG_FAILED', text, { cause })
  }

  /**
   * The log may have stored the event after all: subscribers that continue from a later one must not miss it silently.
   */
  #leaveOut(event: ContractEvent, topic: string, body: EnvelopeBody): void {
    const key = subscriptionKey(event.wireName, topic)
    this.#services.subscriptions.leaveOut(key, () => this.#encode(event, topic, body))
  }

  #publish(
    event: ContractEvent,
    topic: string,
    body: EnvelopeBody,
    position: LogPosition,
    appended: number,
  ): EventPublication {
    const key = subscriptionKey(event.wireName, topic)
    return this.#services.subscriptions.publish(key, () => this.#encode(event, topic, body, position), {
      position,
      appended,
    })
  }

  #encode(
    { wireName: event, whenSlow }: ContractEvent,
    topic: string,
    body: EnvelopeBody,
    position?: LogPosition,
  ): EventEncoding {
    return encodeEvent({ event, topic, body, position }, { whenSlow, ledger: this.#services.eventLedger })
  }
}

function held(
  publication: EventPublication | Promise<HeldPublication>,
): HeldPublication | Promise<HeldPublication> {
  return publication instanceof Promise ? publication : { publication }
}
