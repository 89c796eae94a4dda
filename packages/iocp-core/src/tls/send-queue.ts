import type { TLSSocket } from 'node:tls'
import { limits } from '../limits.ts'
import { GatheredBytes } from './gathered-bytes.ts'

/** The watermarks of the send queue of a connection with TLS. Those of the port apply to the connection below. */
export interface Watermarks {
  /** Over this many queued bytes `send` returns `full`. Default 262,144. */
  readonly sendQueueHighBytes: number
  /** `drain` is called when the queue has fallen to this many bytes. Default 65,536. */
  readonly sendQueueLowBytes: number
}

export const defaultWatermarks: Watermarks = {
  sendQueueHighBytes: limits.sendQueueHighBytes.default,
  sendQueueLowBytes: limits.sendQueueLowBytes.default,
}

/** Takes bytes that do not change until `done` is called, once. */
interface Write {
  readonly bytes: Buffer
  readonly done: () => void
}

/**
 * The bytes that a connection with TLS has to send and that node:tls has not written yet. Until the handshake is done, all of them wait here.
 *
 * Bytes are copied when they are added, so that their sender may change them. The queue owns the copies until node:tls has taken them.
 */
export class SendQueue {
  readonly #watermarks: Watermarks
  readonly #drain: () => void
  readonly #gathered = new GatheredBytes((bytes, done) => this.#write({ bytes, done }))
  /** The bytes that were added before the handshake was done. */
  #early: Write[] = []
  #earlyBytes = 0
  #socket: TLSSocket | undefined
  #flushesSoon = false
  #isOverHigh = false
  #isOver = false
  #drainWaiters: (() => void)[] = []

  /** @param drain called when there is room again, after there was none */
  constructor(watermarks: Watermarks, drain: () => void) {
    this.#watermarks = watermarks
    this.#drain = drain
  }

  get bytes(): number {
    return this.#gathered.length + this.#earlyBytes + (this.#socket?.writableLength ?? 0)
  }

  /** @returns whether the queue is now over its high watermark */
  add(parts: readonly Uint8Array[]): boolean {
    for (const part of parts) this.#gathered.add(part)
    this.#flushSoon()
    if (this.bytes <= this.#watermarks.sendQueueHighBytes) return false
    this.#isOverHigh = true
    return true
  }

  flush(): void {
    this.#gathered.flush()
  }

  /** The handshake is done. */
  begin(socket: TLSSocket): void {
    this.#socket = socket
    const early = this.#early
    this.#early = []
    this.#earlyBytes = 0
    for (const write of early) this.#write(write)
    this.#look()
  }

  drained(): Promise<void> {
    if (this.#isLow || this.#isOver) return Promise.resolve()
    return new Promise((resolve) => this.#drainWaiters.push(resolve))
  }

  /** Unsent bytes are lost, and nobody waits for them any longer. */
  drop(): void {
    this.#isOver = true
    this.#gathered.drop()
    for (const { done } of this.#early) done()
    this.#early = []
    this.#earlyBytes = 0
    this.#wakeDrainWaiters()
  }

  get #isLow(): boolean {
    return this.bytes <= this.#watermarks.sendQueueLowBytes
  }

  /** Gathers everything that is sent in this turn, and in the microtasks it starts, into one write. */
  #flushSoon(): void {
    if (this.#flushesSoon || this.#gathered.length === 0) return
    this.#flushesSoon = true
    process.nextTick(() => {
      this.#flushesSoon = false
      if (!this.#isOver) this.#gathered.flush()
    })
  }

  #write(write: Write): void {
    const socket = this.#socket
    if (socket === undefined) {
      this.#early.push(write)
      this.#earlyBytes += write.bytes.length
      return
    }
    socket.write(write.bytes, () => {
      write.done()
      this.#look()
    })
  }

  /** Checks whether the write has made room. */
  #look(): void {
    if (this.#isOver || !this.#isLow) return
    this.#wakeDrainWaiters()
    if (!this.#isOverHigh) return
    this.#isOverHigh = false
    this.#drain()
  }

  #wakeDrainWaiters(): void {
    const waiters = this.#drainWaiters
    this.#drainWaiters = []
    for (const wake of waiters) wake()
  }
}
