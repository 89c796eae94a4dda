import { isSameLog } from '@frameport/protocol/envelope'
import type {
  EnvelopeBody,
  EventLog,
  EventToLog,
  LogEntry,
  LoggedTopic,
  LogPosition,
  LogQuery,
  LogReading,
} from '../event-log.ts'
import { AgeList, type AgeListMember } from './age-list.ts'
import {
  type MemoryEventLogOptions,
  type MemoryLogLimits,
  resolveMemoryLogLimits,
} from './memory-log-limits.ts'

/** What keeping an event costs beside its bytes: the objects that hold it. */
const holderBytes = 256

/** So many events that have left are cut off a topic at once, at least. */
const cutLength = 64

class KeptEvent implements LogEntry, AgeListMember<KeptEvent> {
  readonly position: LogPosition
  readonly body: EnvelopeBody
  readonly topic: KeptTopic
  older: KeptEvent | undefined
  newer: KeptEvent | undefined

  constructor(position: LogPosition, body: EnvelopeBody, topic: KeptTopic) {
    this.position = position
    this.body = body
    this.topic = topic
  }

  get bytes(): number {
    return this.body.bytes.length + holderBytes
  }
}

/** The events of one topic, in their order. */
class KeptTopic implements AgeListMember<KeptTopic> {
  readonly key: string
  older: KeptTopic | undefined
  newer: KeptTopic | undefined
  /** Of the newest event of the topic that is not there any more. */
  forgotten: number
  #events: (KeptEvent | undefined)[] = []
  /** What is before it has left. */
  #head = 0

  constructor(key: string, forgotten: number) {
    this.key = key
    this.forgotten = forgotten
  }

  get size(): number {
    return this.#events.length - this.#head
  }

  get oldest(): KeptEvent | undefined {
    return this.#events[this.#head]
  }

  add(event: KeptEvent): void {
    this.#events.push(event)
  }

  /** The oldest one leaves. */
  shift(): void {
    const event = this.#events[this.#head]
    if (event === undefined) return
    this.forgotten = event.position.number
    this.#events[this.#head] = undefined
    this.#head += 1
    if (this.#head < cutLength || this.#head * 2 < this.#events.length) return
    this.#events.splice(0, this.#head)
    this.#head = 0
  }

  /** The first event behind a number, as its place among those that are there. */
  after(number: number): number {
    let from = this.#head
    let to = this.#events.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.#events[middle]!.position.number <= number) from = middle + 1
      else to = middle
    }
    return from
  }

  at(place: number): KeptEvent | undefined {
    return this.#events[place]
  }
}

/** One numbering for all topics: a topic that was forgotten whole can come again, and its old positions are known as such. */
class MemoryEventLog implements EventLog {
  readonly #limits: MemoryLogLimits
  readonly #log: Uint8Array
  readonly #topics = new Map<string, KeptTopic>()
  /** Those first in which nothing was published for longest. */
  readonly #topicsByAge = new AgeList<KeptTopic>()
  readonly #eventsByAge = new AgeList<KeptEvent>()
  #events = 0
  #bytes = 0
  #last = 0
  /** Of the newest event of a topic that was forgotten whole. */
  #forgotten = 0

  constructor(limits: MemoryLogLimits) {
    this.#limits = limits
    this.#log = globalThis.crypto.getRandomValues(new Uint8Array(16))
  }

  append({ event, topic: text, body }: EventToLog): LogPosition {
    this.#last += 1
    const position = { log: this.#log, number: this.#last }
    const topic = this.#topicOf(keyOf({ event, topic: text }))
    const kept = new KeptEvent(position, body, topic)
    topic.add(kept)
    this.#eventsByAge.add(kept)
    this.#events += 1
    this.#bytes += kept.bytes
    if (topic.size > this.#limits.topicEventsMax) this.#forget(topic.oldest)
    while (this.#events > this.#limits.eventsMax || this.#bytes > this.#limits.bytesMax)
      this.#forget(this.#eventsByAge.oldest)
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
 * A log in the memory of this process, for as long as that runs. Over a limit it forgets the oldest events, and those who ask for them are told of a
 * gap. Two servers of one process may share it.
 *
 * @throws ServerError `INVALID_LIMITS`, `INVALID_OPTION`
 */
export function memoryEventLog(options: MemoryEventLogOptions = {}): EventLog {
  return new MemoryEventLog(resolveMemoryLogLimits(options))
}

/** No event's name holds a line break. */
function keyOf({ event, topic }: LoggedTopic): string {
  return `${event}\n${topic}`
}
