import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'

/** Where what has arrived waits for its delivery: a queue of bytes, or one of frames. */
export interface ArrivalQueue {
  readonly byteLength: number
  push(segment: Uint8Array): void
  /** Empties the queue and says how many bytes were in it. */
  clear(): number
}

/** One direction of a pair between the sender's queue and the receiver: a window and a delay. */
export class Wire<Arrived extends ArrivalQueue> {
  /** Arrived and not yet delivered. */
  readonly arrived: Arrived
  readonly #environment: SessionEnvironment | undefined
  readonly #latencyMs: number
  readonly #windowBytes: number
  readonly #timers = new Set<SessionTimer>()
  #travellingBytes = 0

  constructor(
    arrived: Arrived,
    network: {
      readonly clock: SessionEnvironment | undefined
      readonly latencyMs: number
      readonly windowBytes: number
    },
  ) {
    this.arrived = arrived
    this.#environment = network.clock
    this.#latencyMs = network.latencyMs
    this.#windowBytes = network.windowBytes
  }

  /** Bytes that left the sender and were not delivered. */
  get bytesOnWay(): number {
    return this.#travellingBytes + this.arrived.byteLength
  }

  /** Below 0 when a segment that is longer than the window is under way. */
  get roomBytes(): number {
    return this.#windowBytes - this.bytesOnWay
  }

  /** `arrived` is told once the bytes can be delivered. */
  carry(segment: Uint8Array, arrived: () => void): void {
    this.#travellingBytes += segment.byteLength
    this.later(() => {
      this.#travellingBytes -= segment.byteLength
      this.arrived.push(segment)
      arrived()
    })
  }

  /** Runs `callback` when what was carried before has arrived. */
  later(callback: () => void): void {
    if (this.#environment === undefined || this.#latencyMs === 0) {
      callback()
      return
    }
    const networkLatency = () => {
      this.#timers.delete(timer)
      callback()
    }
    const timer = this.#environment.setTimer(this.#latencyMs, networkLatency)
    this.#timers.add(timer)
  }

  /** Loses everything, on the way or arrived, and says how many bytes that were. */
  cut(): number {
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
    const dropped = this.#travellingBytes + this.arrived.clear()
    this.#travellingBytes = 0
    return dropped
  }
}
