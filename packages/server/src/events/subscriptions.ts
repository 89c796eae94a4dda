import { isSameLog, type LogPosition } from '@frameport/protocol/envelope'
import type { EventEncoding, EventGap } from '@frameport/protocol/session'
import { type BusySubscriber, EventPublication, publishedToNobody } from './publication.ts'
import type { TopicFeed } from './topic-feed.ts'

/** The place of a logged event. */
export interface LoggedPlace {
  readonly position: LogPosition
  /** The number of events appended to logs when this one was appended, including itself. */
  readonly appended: number
}

/**
 * The result of delivering an event to one subscriber.
 *
 * - `taken`: its connection has the event
 * - `waiting`: the event waits until the connection has room
 * - `leftOut`: there is no room, or the event is too long
 * - `gone`: the subscriber is disconnected, or about to be
 */
export type DeliveryVerdict = 'taken' | 'waiting' | 'leftOut' | 'gone'

/** Receives the events of a topic. */
export interface Subscriber extends BusySubscriber {
  /** @param place in the log, if the event is logged */
  deliver(event: EventEncoding, place?: LoggedPlace): DeliveryVerdict
  /** An event may be missing here. */
  leaveOut(event: EventEncoding): void
  /** Events may be missing here. A subscriber that reads a log ignores it, because the log has them. */
  sendGap(gap: EventGap): void
}

/** The state of a topic with subscribers. */
interface SubscribedTopic<Feed extends TopicFeed> {
  readonly subscribers: Set<Subscriber>
  /** The position of the newest event, if a log keeps them. */
  last: LogPosition | undefined
  /** Undefined: only this server publishes to it. */
  feed: Feed | undefined
}

/** Subscribers by event and topic. A topic without subscribers uses no memory. */
export class Subscriptions<Feed extends TopicFeed = TopicFeed> {
  readonly #topics = new Map<string, SubscribedTopic<Feed>>()
  readonly #feedOf: (key: string) => Feed | undefined

  /** @param feedOf starts to deliver what other servers publish. Default: there are no others */
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
    // Last, because it may deliver an event at once.
    topic.feed = this.#feedOf(key)
  }

  /** The feed that delivers the events of other servers to a topic. */
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

  /**
   * Returns the last number of the topic if this later place does not come after it; undefined if it does, or nobody is
   * subscribed.
   */
  numberBefore(key: string, position: LogPosition): number | undefined {
    const last = this.#topics.get(key)?.last
    if (last === undefined || !isSameLog(last, position) || position.number > last.number) return undefined
    return last.number
  }

  /**
   * Delivers one event to all subscribers.
   *
   * @param encode called only if there are subscribers, and once
   * @param place in the log, if the event is logged
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

  /** Sends all subscribers a gap in place of an event. @param encode called only if there are subscribers, and once */
  leaveOut(key: string, encode: () => EventEncoding): void {
    const subscribers = this.#topics.get(key)?.subscribers
    if (subscribers === undefined) return
    const event = encode()
    for (const subscriber of subscribers) subscriber.leaveOut(event)
  }

  /** Sends all subscribers a gap. */
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

/** The key of one event and topic: the name of an event contains no line break. */
export function subscriptionKey(event: string, topic: string): string {
  return `${event}\n${topic}`
}
