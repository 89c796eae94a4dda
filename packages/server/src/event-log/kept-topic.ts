import type { EnvelopeBody, LogEntry, LogPosition } from '../event-log.ts'
import type { AgeListMember } from './age-list.ts'

/** What keeping an event costs beside its bytes: the objects that hold it. */
const holderBytes = 256

/** So many events that have left are cut off a topic at once, at least. */
const cutLength = 64

/** An event, and where it stands. */
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
    // A letter takes two bytes when the text has one that is not of Latin 1.
    return this.body.bytes.length + holderBytes + 2 * (this.id?.length ?? 0)
  }
}

/** The events of one topic, in their order. */
export class KeptTopic implements AgeListMember<KeptTopic> {
  readonly key: string
  older: KeptTopic | undefined
  newer: KeptTopic | undefined
  /** Of the newest event of the topic that is not there any more. */
  forgotten: number
  #events: (KeptEvent | undefined)[] = []
  /** What is before it has left. */
  #head = 0
  /** Made when an event has an id. */
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

  /** Behind the newest one, as a place. */
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

  /** The oldest one leaves. */
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
