import { RareMap } from '@frameport/framing/checks'
import type { LogPosition } from '../../envelope/session-envelopes.ts'
import type { EventLedger } from '../common/event-types.ts'
import type { EventGap } from '../common/session-messages.ts'
import { holderBytes, SharedEncoding } from './event-encoding.ts'

/** Marks the place where events of one topic were left out. */
export class QueuedGap {
  readonly event: string
  readonly topic: string
  readonly waitingSinceMs: number
  readonly ledger: EventLedger | undefined
  /** 0 if that is not known. */
  events: number
  position: LogPosition | undefined

  constructor({ event, topic, ledger, events, position }: GapToQueue, nowMs: number) {
    this.event = event
    this.topic = topic
    this.ledger = ledger
    this.waitingSinceMs = nowMs
    this.events = events
    this.position = position
  }

  /** Adds left-out events, or an unknown number of them, up to a position. */
  add(events: number, position: LogPosition | undefined): void {
    this.events = this.events === 0 || events === 0 ? 0 : this.events + events
    this.position = position ?? this.position
  }
}

interface GapToQueue extends EventGap {
  readonly ledger: EventLedger | undefined
}

/** The memory of a waiting gap in addition to its topic: the objects that hold it. */
const gapBytes = holderBytes

/** The approximate wire size of a gap without its name and topic. */
export const gapHeaderBytes = 16

/** The minimum number of sent entries that are removed at once. */
const cutLength = 1024

/**
 * The events that wait for one connection, in their order and by reference, with a gap at each place where some were
 * left out. Each change takes constant time on average. There are about twice as many entries as events and topics at
 * most, however many events were left out or dropped.
 */
export class EventQueue {
  readonly #nowMs: () => number
  /** The entries before `#head` have been sent. A hole is a dropped event. */
  #entries: (SharedEncoding | QueuedGap | undefined)[] = []
  #head = 0
  /** No droppable event is before this index. */
  #droppableFrom = 0
  /** No event at all is before this index. */
  #eventsFrom = 0
  #events = 0
  #gaps = 0
  #bytes = 0
  #gapBytes = 0
  /** At this number of entries, unused ones are removed. */
  #tidyAt = cutLength
  /** The last gap of a topic, while no event of the topic waits after it. */
  readonly #openGaps = new RareMap<string, QueuedGap>()
  /** The gap before the oldest waiting event of a topic, where older events were dropped. */
  readonly #frontGaps = new RareMap<string, QueuedGap>()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** The bytes that count for the events, without gaps. */
  get bytes(): number {
    return this.#bytes
  }

  get gapBytes(): number {
    return this.#gapBytes
  }

  /** The approximate wire size of all that waits. */
  get wireBytes(): number {
    const holders = (this.#events + this.#gaps) * holderBytes
    return this.#bytes + this.#gapBytes + this.#gaps * gapHeaderBytes - holders
  }

  get isEmpty(): boolean {
    return this.#events === 0 && this.#gaps === 0
  }

  get oldest(): SharedEncoding | undefined {
    if (this.#events === 0) return undefined
    for (let index = Math.max(this.#eventsFrom, this.#head); index < this.#entries.length; index++) {
      const entry = this.#entries[index]
      this.#eventsFrom = index
      if (entry instanceof SharedEncoding) return entry
    }
    return undefined
  }

  get oldestGap(): QueuedGap | undefined {
    if (this.#gaps === 0) return undefined
    for (let index = this.#head; index < this.#entries.length; index++) {
      const entry = this.#entries[index]
      if (entry instanceof QueuedGap) return entry
    }
    return undefined
  }

  /** @returns false, and adds nothing, when no more may wait on all connections together */
  add(event: SharedEncoding): boolean {
    if (!event.hold(this.#nowMs)) return false
    if (this.#openGaps.size > 0) this.#openGaps.delete(keyOf(event))
    this.#push(event)
    this.#events += 1
    this.#bytes += event.bytes
    return true
  }

  /** Replaces an event by a gap. */
  leaveOut(event: SharedEncoding): void {
    const key = keyOf(event)
    const open = this.#openGaps.get(key)
    if (open !== undefined) {
      open.add(1, event.position)
      return
    }
    this.#openGap(key, new QueuedGap(oneOf(event), this.#nowMs()))
  }

  /** Adds a gap at the end of the queue. */
  addGap(gap: EventGap): void {
    this.#openGap(keyOf(gap), new QueuedGap({ ...gap, ledger: undefined }, this.#nowMs()))
  }

  /** The next left-out event of the topic counts there. */
  #openGap(key: string, gap: QueuedGap): void {
    this.#openGaps.set(key, gap)
    this.#count(gap)
    this.#push(gap)
  }

  /** Replaces the oldest droppable event by a gap. @returns that event */
  dropOldest(): SharedEncoding | undefined {
    const from = Math.max(this.#droppableFrom, this.#head)
    for (let index = from; index < this.#entries.length; index++) {
      const event = this.#entries[index]
      if (!(event instanceof SharedEncoding) || event.whenSlow !== 'dropOldest') continue
      this.#droppableFrom = index + 1
      this.#entries[index] = this.#frontGap(event)
      this.#left(event)
      return event
    }
    this.#droppableFrom = this.#entries.length
    return undefined
  }

  /** Removes and returns the next entry. The caller must release an event. */
  next(): SharedEncoding | QueuedGap | undefined {
    while (this.#head < this.#entries.length) {
      const entry = this.#entries[this.#head]
      this.#entries[this.#head] = undefined
      this.#head += 1
      if (entry === undefined) continue
      this.#cut()
      if (entry instanceof SharedEncoding) {
        this.#events -= 1
        this.#bytes -= entry.bytes
      } else this.#uncount(entry)
      return entry
    }
    return undefined
  }

  /** Removes holes, and merges the gaps of each topic that have no event of it in between. */
  tidy(): void {
    const before = new Map<string, QueuedGap>()
    const kept: (SharedEncoding | QueuedGap)[] = []
    for (let index = this.#head; index < this.#entries.length; index++) {
      const entry = this.#entries[index]
      if (entry === undefined) continue
      const gap = before.get(keyOf(entry))
      if (entry instanceof SharedEncoding) before.delete(keyOf(entry))
      else if (gap === undefined) before.set(keyOf(entry), entry)
      if (entry instanceof QueuedGap && gap !== undefined) this.#merge(entry, gap)
      else kept.push(entry)
    }
    this.#entries = kept
    this.#head = 0
    this.#droppableFrom = 0
    this.#eventsFrom = 0
    this.#tidyAt = 2 * kept.length + cutLength
  }

  /** Clears the queue. */
  clear(): void {
    for (const entry of this.#entries) if (entry instanceof SharedEncoding) entry.release()
    this.#entries = []
    this.#head = 0
    this.#droppableFrom = 0
    this.#eventsFrom = 0
    this.#events = 0
    this.#gaps = 0
    this.#bytes = 0
    this.#gapBytes = 0
    this.#tidyAt = cutLength
    this.#openGaps.clear()
    this.#frontGaps.clear()
  }

  #push(entry: SharedEncoding | QueuedGap): void {
    this.#entries.push(entry)
    if (this.#entries.length - this.#head > this.#tidyAt) this.tidy()
  }

  /** Adds the count of the second gap to the first. */
  #merge(second: QueuedGap, first: QueuedGap): void {
    const key = keyOf(second)
    const wasOpen = this.#openGaps.get(key) === second
    const wasFront = this.#frontGaps.get(key) === second
    this.#uncount(second)
    first.add(second.events, second.position)
    if (wasOpen) this.#openGaps.set(key, first)
    if (wasFront) this.#frontGaps.set(key, first)
  }

  /** Returns a new gap for a dropped event; undefined if the gap before it counts it. */
  #frontGap(event: SharedEncoding): QueuedGap | undefined {
    const key = keyOf(event)
    const present = this.#frontGaps.get(key)
    if (present !== undefined) {
      present.add(1, event.position)
      return undefined
    }
    const gap = new QueuedGap(oneOf(event), this.#nowMs())
    this.#frontGaps.set(key, gap)
    this.#count(gap)
    return gap
  }

  #left(event: SharedEncoding): void {
    this.#events -= 1
    this.#bytes -= event.bytes
    event.release()
  }

  #count(gap: QueuedGap): void {
    this.#gaps += 1
    this.#gapBytes += gapBytes + gap.topic.length
  }

  #uncount(gap: QueuedGap): void {
    this.#gaps -= 1
    this.#gapBytes -= gapBytes + gap.topic.length
    const key = keyOf(gap)
    if (this.#openGaps.get(key) === gap) this.#openGaps.delete(key)
    if (this.#frontGaps.get(key) === gap) this.#frontGaps.delete(key)
  }

  #cut(): void {
    if (this.#head === this.#entries.length) this.#entries = []
    else if (this.#head < cutLength || this.#head * 2 < this.#entries.length) return
    else this.#entries.splice(0, this.#head)
    this.#droppableFrom = Math.max(0, this.#droppableFrom - this.#head)
    this.#eventsFrom = Math.max(0, this.#eventsFrom - this.#head)
    this.#head = 0
  }
}

/** A peer that receives it knows about all events up to its position. */
function oneOf({ event, topic, ledger, position }: SharedEncoding): GapToQueue {
  return { event, topic, ledger, events: 1, position }
}

/** Names of events contain no line break. */
function keyOf({ event, topic }: { readonly event: string; readonly topic: string }): string {
  return `${event}\n${topic}`
}
