import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import type { ArrivalQueue, Wire } from './wire.ts'

/** One direction of a pair, with a constant delay. An abort of either side loses everything in transit. */
export class PlainWire<Arrived extends ArrivalQueue> implements Wire<Arrived> {
  readonly arrived: Arrived
  readonly #environment: SessionEnvironment | undefined
  readonly #latencyMs: number
  readonly #windowBytes: number
  readonly #pieceBytes: number
  readonly #timers = new Set<SessionTimer>()
  #travellingBytes = 0
  #sentBytes = 0
  /** The bytes of which the sender knows that they were read or lost. */
  #toldBytes = 0

  /**
   * @param pieceBytes read bytes become room again once they are this many, or half of the window; 0 if data is never
   * cut
   */
  constructor(
    arrived: Arrived,
    network: {
      readonly clock: SessionEnvironment | undefined
      readonly latencyMs: number
      readonly windowBytes: number
    },
    pieceBytes: number,
  ) {
    this.arrived = arrived
    this.#environment = network.clock
    this.#latencyMs = network.latencyMs
    this.#windowBytes = network.windowBytes
    this.#pieceBytes = Math.min(pieceBytes, network.windowBytes / 2)
  }

  get bytesOnWay(): number {
    return this.#travellingBytes + this.arrived.byteLength
  }

  /** With small reads, data would otherwise travel in pieces of that size, each with its own timer. */
  get roomBytes(): number {
    const readBytes = this.#sentBytes - this.bytesOnWay
    if (readBytes - this.#toldBytes >= this.#pieceBytes) this.#toldBytes = readBytes
    return this.#windowBytes - (this.#sentBytes - this.#toldBytes)
  }

  carry(segment: Uint8Array, arrived: () => void): void {
    this.#sentBytes += segment.byteLength
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
