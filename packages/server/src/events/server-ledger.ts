import type { EventLedger } from '@frameport/protocol/session'
import type { EventCounters } from '../stats.ts'

/** Limits the memory of the events that wait for all subscribers of a server. */
export class ServerLedger implements EventLedger {
  readonly #bytesMax: number
  #bytes = 0
  #leftOut = 0
  #slow = 0
  #published = 0
  #delivered = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  counters(): EventCounters {
    return {
      published: this.#published,
      delivered: this.#delivered,
      bytesWaiting: this.#bytes,
      leftOut: this.#leftOut,
      slowSubscribers: this.#slow,
    }
  }

  /** An event is published. */
  published(): void {
    this.#published += 1
  }

  /** A connection has taken an event. */
  delivered(): void {
    this.#delivered += 1
  }

  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#bytesMax) return false
    this.#bytes += bytes
    return true
  }

  give(bytes: number): void {
    this.#bytes -= bytes
  }

  leftOut(events: number): void {
    this.#leftOut += events
  }

  slow(): void {
    this.#slow += 1
  }
}
