import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import { ByteQueue } from '../byte-queue.ts'
import type { Wire } from '../wire.ts'
import type { WayFacts } from './check-sim-options.ts'
import type { SimCut } from './sim-types.ts'

/** One direction of the way between two hosts. */
export interface OneWay {
  readonly facts: WayFacts
  /** Whether nothing arrives, because the way is held, or the host at its end has no power. */
  readonly isHeld: boolean
}

/** A piece of sent data. Without bytes, a signal between kernels: a connect, its answer, an end, a reset. */
interface Packet {
  readonly bytes: Uint8Array
  readonly arrive: () => void
  readonly departedMs: number
  readonly dueMs: number
}

const noBytes = new Uint8Array(0)

/**
 * One direction of a connection between hosts. Data travels in pieces, each with its own delay, and no piece overtakes
 * another.
 */
export class SimWire implements Wire<ByteQueue> {
  readonly arrived = new ByteQueue()
  readonly #clock: SessionEnvironment
  readonly #way: OneWay
  readonly #random: () => number
  #packets: Packet[] = []
  #packetBytes = 0
  /** Bytes that were sent after everything was blocked. They use room in the window, like unacknowledged bytes. */
  #swallowedBytes = 0
  #carriedBytes = 0
  #sentBytes = 0
  /** The bytes of which the sender knows that they were read or lost. */
  #toldBytes = 0
  #timer: SessionTimer | undefined
  /** `severed`: only signals of the network itself pass. `silent`: not even those. */
  #state: 'open' | 'severed' | 'silent' = 'open'
  /** Called when a side sends data into a wire that the network has severed. */
  #onSwallowed: (() => void) | undefined
  /** The positions of its cuts, the nearest first. */
  #cuts: { readonly atBytes: number; readonly run: () => void }[] = []

  constructor(clock: SessionEnvironment, way: OneWay, random: () => number) {
    this.#clock = clock
    this.#way = way
    this.#random = random
  }

  get bytesOnWay(): number {
    return this.#packetBytes + this.#swallowedBytes + this.arrived.byteLength
  }

  /**
   * Read bytes become room again once they are a whole piece, or half of the window, as a kernel informs its peer. With
   * smaller steps, the next piece would be no longer than each step and might be cut again, until bytes travel one by
   * one.
   */
  get roomBytes(): number {
    const { windowBytes, pieceBytesMax } = this.#way.facts
    const readBytes = this.#sentBytes - this.bytesOnWay
    if (readBytes - this.#toldBytes >= Math.min(pieceBytesMax, windowBytes / 2)) this.#toldBytes = readBytes
    return windowBytes - (this.#sentBytes - this.#toldBytes)
  }

  /** The number of bytes that have arrived so far. */
  get carriedBytes(): number {
    return this.#carriedBytes
  }

  carry(segment: Uint8Array, arrived: () => void): void {
    this.#sentBytes += segment.byteLength
    if (this.#state !== 'open') {
      this.#swallowedBytes += segment.byteLength
      this.#onSwallowed?.()
      return
    }
    for (let offset = 0; offset < segment.byteLength; ) {
      const bytes = 1 + Math.floor(this.#random() * this.#way.facts.pieceBytesMax)
      const piece = segment.subarray(offset, offset + bytes)
      offset += piece.byteLength
      this.#send(piece, arrived)
    }
  }

  later(callback: () => void): void {
    if (this.#state === 'open') this.#send(noBytes, callback)
  }

  /** Like `later`, for signals of the network or a kernel itself, instead of the sending process. */
  tell(callback: () => void): void {
    if (this.#state !== 'silent') this.#send(noBytes, callback)
  }

  /** Loses a random part of the data in transit, and its end. A beginning may still arrive. */
  abandon(): number {
    const lost = this.#swallowedBytes + (this.#state === 'open' ? this.#loseRest(this.#drawnPlace()) : 0)
    this.#swallowedBytes = 0
    return lost
  }

  cut(): number {
    return this.#loseAll() + this.arrived.clear()
  }

  /** Called when both ends are gone: loses everything, and returns the number of bytes. */
  clear(): number {
    const lost = this.#swallowedBytes + this.cut()
    this.#swallowedBytes = 0
    return lost
  }

  /**
   * Lets nothing pass that is sent from now on. Returns the number of bytes in transit that are lost: 0 with `silence`,
   * because neither side learns of the loss.
   *
   * @param loses which part of the bytes in transit
   */
  sever(how: SimCut, loses: 'nothing' | 'a drawn part' | 'all', onSwallowed?: () => void): number {
    this.#onSwallowed = onSwallowed
    if (how === 'silence') {
      this.#state = 'silent'
      this.#swallowedBytes += this.#loseAll()
      return 0
    }
    this.#state = 'severed'
    if (loses === 'nothing') return 0
    return loses === 'all' ? this.#loseAll() : this.#loseRest(this.#drawnPlace())
  }

  /** Runs `cut` after this many more bytes have arrived, before the next one. */
  cutAfter(bytes: number, cut: () => void): void {
    this.#cuts.push({ atBytes: this.#carriedBytes + bytes, run: cut })
    this.#cuts.sort((a, b) => a.atBytes - b.atBytes)
  }

  /** Checks again whether data may arrive, after the way was held or released. */
  rearm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const next = this.#packets[0]
    if (next === undefined || this.#way.isHeld) return
    const packetArrives = () => this.#arriveNext()
    this.#timer = this.#clock.setTimer(next.dueMs - this.#clock.nowMs(), packetArrives)
  }

  #send(bytes: Uint8Array, arrive: () => void): void {
    const { latency, bytesPerSecond } = this.#way.facts
    const last = this.#packets.at(-1)
    const departedMs =
      Math.max(this.#clock.nowMs(), last?.departedMs ?? 0) + (bytes.byteLength / bytesPerSecond) * 1000
    const { minMs, maxMs } = latency
    const latencyMs = minMs === maxMs ? minMs : minMs + this.#random() * (maxMs - minMs)
    // A piece that is due before earlier pieces waits for them.
    this.#packets.push({ bytes, arrive, departedMs, dueMs: departedMs + latencyMs })
    this.#packetBytes += bytes.byteLength
    if (this.#timer === undefined) this.rearm()
  }

  #arriveNext(): void {
    const packet = this.#packets.shift() as Packet
    const cut = this.#cuts[0]
    const room = cut === undefined ? Number.POSITIVE_INFINITY : cut.atBytes - this.#carriedBytes
    const bytes = packet.bytes.subarray(0, room)
    if (bytes.byteLength < packet.bytes.byteLength) {
      this.#packets.unshift({ ...packet, bytes: packet.bytes.subarray(room) })
    }
    this.#packetBytes -= bytes.byteLength
    this.#carriedBytes += bytes.byteLength
    this.arrived.push(bytes)
    packet.arrive()
    if (cut !== undefined && bytes.byteLength === room) {
      this.#cuts.shift()
      cut.run()
    }
    this.rearm()
  }

  /** The number of bytes, and of signals without bytes, that still arrive. */
  #drawnPlace(): number {
    const units = this.#packets.reduce((sum, { bytes }) => sum + Math.max(1, bytes.byteLength), 0)
    return Math.floor(this.#random() * (units + 1))
  }

  #loseRest(place: number): number {
    const before = this.#packetBytes
    let left = place
    this.#packets = this.#packets.flatMap((packet) => {
      const units = Math.min(left, Math.max(1, packet.bytes.byteLength))
      left -= units
      if (units === 0) return []
      return [{ ...packet, bytes: packet.bytes.subarray(0, units) }]
    })
    this.#packetBytes = this.#packets.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
    this.rearm()
    return before - this.#packetBytes
  }

  #loseAll(): number {
    const lost = this.#packetBytes
    this.#packets = []
    this.#packetBytes = 0
    this.rearm()
    return lost
  }
}
