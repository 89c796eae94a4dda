import { isSameLog, type LogPosition } from '@frameport/protocol/envelope'
import type { EventEncoding, EventGap } from '@frameport/protocol/session'
import { type BusySubscriber, EventPublication, publishedToNobody } from './publication.ts'
import type { TopicFeed } from './topic-feed.ts'

/** Of an event that a log keeps. */
export interface LoggedPlace {
  readonly position: LogPosition
  /** How many events logs had been given when they were given this one, itself included. */
  readonly appended: number
}

/**
 * What became of an event for one subscriber.
 *
 * - `taken`: its connection has it
 * - `waiting`: it waits until its connection has room
 * - `leftOut`: there is no room, or it is too long
 * - `gone`: it is disconnected, or about to be
 */
export type DeliveryVerdict = 'taken' | 'waiting' | 'leftOut' | 'gone'

/** Who gets events of a topic. */
export interface Subscriber extends BusySubscriber {
  /** @param place in the log, if one keeps it */
  deliver(event: EventEncoding, place?: LoggedPlace): DeliveryVerdict
  /** An event may be missing here: nobody knows. */
  leaveOut(event: EventEncoding): void
  /** Events may be missing here. One that reads a log knows better, and is not told. */
  sendGap(gap: EventGap): void
}

/** What is known of a topic that somebody is subscribed to. */
interface SubscribedTopic<Feed extends TopicFeed> {
  readonly subscribers: Set<Subscriber>
  /** Of the newest event, if a log keeps them. */
  last: LogPosition | undefined
  /** Undefined: nobody but this server publishes to it. */
  feed: Feed | undefined
}

/** Subscribers by event and topic. Empty topics leave nothing behind. */
export class Subscriptions<Feed extends TopicFeed = TopicFeed> {
  readonly #topics = new Map<string, SubscribedTopic<Feed>>()
  readonly #feedOf: (key: string) => Feed | undefined

  /** @param feedOf begins to bring what other servers publish. Default: there are no others */
  constructor(feedOf: (key: string) => Feed | undefined = () => undefined) {
    this.#feedOf = feedOf
  }

  get topics(): number {
    return this.#topics.size
  }

  /** Whether anybody is subscribed. */
  has(key: string): boolean {
    return this.#topics.has(key)
  }

  add(key: string, subscriber: Subscriber): void {
    const present = this.#topics.get(key)
    if (present !== undefined) {
      present.subscribers.add(subscriber)
      return
    }
    const topic = { subscribers: new Set([subscriber]), last: undefined, feed: undefined as Feed | undefined }
    this.#topics.set(key, topic)
    // Last: it may bring an event at once.
    topic.feed = this.#feedOf(key)
  }

  /** What brings the events of other servers to a topic. */
  feed(key: string): Feed | undefined {
    return this.#topics.get(key)?.feed
  }

  remove(key: string, subscriber: Subscriber): void {
    const topic = this.#topics.get(key)
    if (topic === undefined) return
    topic.subscribers.delete(subscriber)
    if (topic.subscribers.size > 0) return
    this.#topics.delete(key)
    topic.feed?.stop()
  }

  /** The number that a place in the log is not behind, although it was given later; undefined when it is, or nobody listens. */
  numberBefore(key: string, position: LogPosition): number | undefined {
    const last = this.#topics.get(key)?.last
    if (last === undefined || !isSameLog(last, position) || position.number > last.number) return undefined
    return last.number
  }

  /**
   * Hands one event to all subscribers.
   *
   * @param encode called only when there are some, and once
   * @param place in the log, if one keeps it
   */
  publish(key: string, encode: () => EventEncoding, place?: LoggedPlace): EventPublication {
    const topic = this.#topics.get(key)
    if (topic === undefined) return publishedToNobody(place?.position)
    const event = encode()
    topic.last = place?.position
    const isWaitedFor = event.whenSlow === 'block'
    const counts = { reached: 0, waiting: 0, leftOut: 0 }
    const waitsFor: Subscriber[] = []
    const alsoBusy: Subscriber[] = []
    for (const subscriber of topic.subscribers) {
      const verdict = subscriber.deliver(event, place)
      if (verdict === 'gone') continue
      if (verdict === 'leftOut') {
        counts.leftOut += 1
        if (isWaitedFor) alsoBusy.push(subscriber)
        continue
      }
      counts.reached += 1
      if (verdict !== 'waiting') continue
      counts.waiting += 1
      if (isWaitedFor) waitsFor.push(subscriber)
    }
    return new EventPublication(counts, waitsFor, alsoBusy, place?.position)
  }

  /** Tells all subscribers of a gap in the place of an event. @param encode called only when there are some, and once */
  leaveOut(key: string, encode: () => EventEncoding): void {
    const subscribers = this.#topics.get(key)?.subscribers
    if (subscribers === undefined) return
    const event = encode()
    for (const subscriber of subscribers) subscriber.leaveOut(event)
  }

  /** Tells all subscribers of a gap. */
  gap(key: string, gap: Pick<EventGap, 'events' | 'position'>): void {
    const told = { ...topicOfKey(key), ...gap }
    for (const subscriber of this.#topics.get(key)?.subscribers ?? []) subscriber.sendGap(told)
  }
}

/** The event and the topic of a key. */
export function topicOfKey(key: string): { readonly event: string; readonly topic: string } {
  const end = key.indexOf('\n')
  return { event: key.slice(0, end), topic: key.slice(end + 1) }
}

/** The key of one event and topic: no event's name holds a line break. */
export function subscriptionKey(event: string, topic: string): string {
  return `${event}\n${topic}`
}
