import type { EnvelopeBody, LogEntry, LogPosition } from '../event-log.ts'
import type { AgeListMember } from './age-list.ts'

/** The memory that a logged event costs in addition to its bytes: the objects that hold it. */
const holderBytes = 256

/** The minimum number of removed events that are spliced off a topic at once. */
const cutLength = 64

/** A logged event with its position. */
export class KeptEvent implements LogEntry, AgeListMember<KeptEvent> {
  readonly position: LogPosition
  readonly body: EnvelopeBody
  readonly topic: KeptTopic
  readonly id: string | undefined
  older: KeptEvent | undefined
  newer: KeptEvent | undefined

  constructor(position: LogPosition, body: EnvelopeBody, topic: KeptTopic, id: string | undefined) {
    this.position = position
    this.body = body
    this.topic = topic
    this.id = id
  }

  get bytes(): number {
    // A character takes two bytes if the text has one outside Latin-1.
    return this.body.bytes.length + holderBytes + 2 * (this.id?.length ?? 0)
  }
}

/** The events of one topic, in their order. */
export class KeptTopic implements AgeListMember<KeptTopic> {
  readonly key: string
  older: KeptTopic | undefined
  newer: KeptTopic | undefined
  /** The number of the newest removed event of the topic. */
  forgotten: number
  #events: (KeptEvent | undefined)[] = []
  /** The entries before this index have been removed. */
  #head = 0
  /** Created when an event has an id. */
  #byId: Map<string, KeptEvent> | undefined

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

  /** The index after the newest event. */
  get end(): number {
    return this.#events.length
  }

  withId(id: string): KeptEvent | undefined {
    return this.#byId?.get(id)
  }

  add(event: KeptEvent): void {
    this.#events.push(event)
    if (event.id === undefined) return
    this.#byId ??= new Map()
    this.#byId.set(event.id, event)
  }

  /** Removes the oldest event. */
  shift(): void {
    const event = this.#events[this.#head]
    if (event === undefined) return
    this.forgotten = event.position.number
    if (event.id !== undefined) this.#byId?.delete(event.id)
    this.#events[this.#head] = undefined
    this.#head += 1
    if (this.#head < cutLength || this.#head * 2 < this.#events.length) return
    this.#events.splice(0, this.#head)
    this.#head = 0
  }

  /** The index of the first event after a number, among the events still present. */
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
