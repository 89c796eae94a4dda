import { inMicrotask } from '@frameport/framing/checks'
import { isSameLog } from '@frameport/protocol/envelope'
import type {
  EventHistory,
  EventToLog,
  HistoryQuery,
  HistoryReading,
  LogEntry,
  LogFollower,
  LogFollowing,
  LoggedTopic,
  LogPlace,
  LogQuery,
  LogReading,
} from '../event-log.ts'
import { subscriptionKey } from '../events/subscriptions.ts'
import { AgeList } from './age-list.ts'
import { KeptEvent, KeptTopic } from './kept-topic.ts'
import {
  type MemoryEventLogOptions,
  type MemoryLogLimits,
  resolveMemoryLogLimits,
} from './memory-log-limits.ts'

/**
 * All topics share one numbering: when a topic that was removed completely appears again, its old positions are
 * recognised.
 */
class MemoryEventLog implements EventHistory {
  readonly #limits: MemoryLogLimits
  readonly #log: Uint8Array
  readonly #topics = new Map<string, KeptTopic>()
  /** The topics, the one with the oldest last event first. */
  readonly #topicsByAge = new AgeList<KeptTopic>()
  readonly #eventsByAge = new AgeList<KeptEvent>()
  readonly #followers = new Map<string, Set<LogFollower>>()
  #events = 0
  #bytes = 0
  #last = 0
  /** The number of the newest event of a topic that was removed completely. */
  #forgotten = 0

  constructor(limits: MemoryLogLimits) {
    this.#limits = limits
    this.#log = globalThis.crypto.getRandomValues(new Uint8Array(16))
  }

  append({ event, topic: text, body, id }: EventToLog): LogPlace {
    const key = keyOf({ event, topic: text })
    const topic = this.#topicOf(key)
    const present = id === undefined ? undefined : topic.withId(id)
    if (present !== undefined) return { ...present.position, isRepeat: true }
    this.#last += 1
    const position = { log: this.#log, number: this.#last }
    const kept = new KeptEvent(position, body, topic, id)
    topic.add(kept)
    this.#eventsByAge.add(kept)
    this.#events += 1
    this.#bytes += kept.bytes
    if (topic.size > this.#limits.topicEventsMax) this.#forget(topic.oldest)
    while (this.#events > this.#limits.eventsMax || this.#bytes > this.#limits.bytesMax)
      this.#forget(this.#eventsByAge.oldest)
    for (const follower of this.#followers.get(key) ?? []) tell(follower, kept)
    return position
  }

  after({ event, topic: text, position, eventsMax, bytesMax }: LogQuery): LogReading {
    const end: LogReading = { entries: [], position: { log: this.#log, number: this.#last }, isEnd: true }
    if (position === undefined) return end
    if (!isSameLog(position, end.position) || position.number > this.#last) return { ...end, missed: 0 }
    const topic = this.#topics.get(keyOf({ event, topic: text }))
    const missed = position.number < (topic?.forgotten ?? this.#forgotten) ? { missed: 0 } : {}
    const entries: LogEntry[] = []
    if (topic === undefined) return { ...end, ...missed }
    let bytes = 0
    let place = topic.after(position.number)
    for (let next = topic.at(place); next !== undefined; next = topic.at(place)) {
      bytes += next.body.bytes.length
      if (entries.length >= eventsMax || (entries.length > 0 && bytes > bytesMax))
        return { ...missed, entries, position: entries.at(-1)?.position ?? position, isEnd: false }
      entries.push(next)
      place += 1
    }
    return { ...end, ...missed, entries }
  }

  before({ event, topic: text, position, eventsMax, bytesMax }: HistoryQuery): HistoryReading {
    const topic = this.#topics.get(keyOf({ event, topic: text }))
    if (topic === undefined) return { entries: [], isStart: true }
    const isKnown = position !== undefined && isSameLog(position, { log: this.#log, number: 0 })
    let place = isKnown ? topic.after(position.number - 1) : topic.end
    const entries: LogEntry[] = []
    let bytes = 0
    for (let next = topic.at(place - 1); next !== undefined; next = topic.at(place - 1)) {
      bytes += next.body.bytes.length
      if (entries.length >= eventsMax || (entries.length > 0 && bytes > bytesMax)) break
      entries.push(next)
      place -= 1
    }
    return { entries: entries.reverse(), isStart: topic.at(place - 1) === undefined }
  }

  follow(topic: LoggedTopic, follower: LogFollower): LogFollowing {
    const key = keyOf(topic)
    const followers = this.#followers.get(key) ?? new Set()
    followers.add(follower)
    this.#followers.set(key, followers)
    const stop = () => {
      followers.delete(follower)
      if (followers.size === 0 && this.#followers.get(key) === followers) this.#followers.delete(key)
    }
    return { stop }
  }

  #topicOf(key: string): KeptTopic {
    const present = this.#topics.get(key)
    if (present !== undefined) {
      this.#topicsByAge.remove(present)
      this.#topicsByAge.add(present)
      return present
    }
    if (this.#topics.size >= this.#limits.topicsMax) this.#forgetTopic(this.#topicsByAge.oldest)
    const made = new KeptTopic(key, this.#forgotten)
    this.#topics.set(key, made)
    this.#topicsByAge.add(made)
    return made
  }

  #forget(event: KeptEvent | undefined): void {
    if (event === undefined) return
    this.#eventsByAge.remove(event)
    event.topic.shift()
    this.#events -= 1
    this.#bytes -= event.bytes
  }

  #forgetTopic(topic: KeptTopic | undefined): void {
    if (topic === undefined) return
    while (topic.oldest !== undefined) this.#forget(topic.oldest)
    this.#forgotten = Math.max(this.#forgotten, topic.forgotten)
    this.#topicsByAge.remove(topic)
    this.#topics.delete(topic.key)
  }
}

/**
 * Creates a log in the memory of this process. When a limit is exceeded, it removes the oldest events, and a client
 * that asks for them receives a gap. Several servers of one thread can share it; worker threads share it through the
 * option `logs` of `startWorkers`.
 *
 * @example
 * ```ts
 * const server = createServer(implementation, {
 *   eventLogs: [{ log: memoryEventLog({ limits: { topicEventsMax: 500 } }), events: [chat.events.line] }],
 *   authorizeSubscribe: () => true,
 * })
 * ```
 *
 * @throws ServerError `INVALID_LIMITS`, `INVALID_OPTION`
 */
export function memoryEventLog(options: MemoryEventLogOptions = {}): EventHistory {
  return new MemoryEventLog(resolveMemoryLogLimits(options))
}

/** An error of a follower must not make the append fail. */
function tell(follower: LogFollower, entry: LogEntry): void {
  try {
    follower.event(entry)
  } catch (error) {
    inMicrotask(() => {
      throw error
    })
  }
}

function keyOf({ event, topic }: LoggedTopic): string {
  return subscriptionKey(event, topic)
}
