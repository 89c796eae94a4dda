import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import type { ArrivalQueue, Wire } from './wire.ts'

/** One direction of a pair: always the same delay, and an abort of either side loses all that is on it. */
export class PlainWire<Arrived extends ArrivalQueue> implements Wire<Arrived> {
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

  get bytesOnWay(): number {
    return this.#travellingBytes + this.arrived.byteLength
  }

  get roomBytes(): number {
    return this.#windowBytes - this.bytesOnWay
  }

  carry(segment: Uint8Array, arrived: () => void): void {
    this.#travellingBytes += segment.byteLength
    this.later(() => {
      this.#travellingBytes -= segment.byteLength
      this.arrived.push(segment)
      arrived()
    })
  }

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

  abandon(): number {
    return this.cut()
  }

  cut(): number {
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
    const dropped = this.#travellingBytes + this.arrived.clear()
    this.#travellingBytes = 0
    return dropped
  }
}
