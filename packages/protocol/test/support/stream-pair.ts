import type { ByteStream, ByteStreamSink, SendVerdict } from '@frameport/framing'
import type { VirtualTime } from './virtual-time.ts'

export interface StreamPairOptions {
  /** Cuts deliveries into chunks of at most this. */
  readonly chunkBytesMax?: number
  /** What the network holds between the two queues. */
  readonly wireBytesMax?: number
  readonly highWaterBytes?: number
  readonly lowWaterBytes?: number
  readonly latencyMs?: number
}

/** Two ends of a connection in memory, in virtual time. Chunks are overwritten after they were lent. */
export function streamPair(time: VirtualTime, options: StreamPairOptions = {}): [PairedStream, PairedStream] {
  const a = new PairedStream(time, options)
  const b = new PairedStream(time, options)
  a.peer = b
  b.peer = a
  return [a, b]
}

export class PairedStream implements ByteStream {
  peer!: PairedStream
  readonly #time: VirtualTime
  readonly #options: Required<StreamPairOptions>
  #sink: ByteStreamSink | undefined
  /** Sent by this end and not taken by the wire. */
  #queue: Uint8Array[] = []
  /** On the wire towards the peer. */
  #wire: Uint8Array[] = []
  queuedBytes = 0
  queuedBytesPeak = 0
  #wireBytes = 0
  #full = false
  #paused = false
  #ended = false
  #endDelivered = false
  #gone = false
  #scheduled = false
  #waiters: (() => void)[] = []

  constructor(time: VirtualTime, options: StreamPairOptions) {
    this.#time = time
    this.#options = {
      chunkBytesMax: options.chunkBytesMax ?? 65_536,
      wireBytesMax: options.wireBytesMax ?? 65_536,
      highWaterBytes: options.highWaterBytes ?? 262_144,
      lowWaterBytes: options.lowWaterBytes ?? 65_536,
      latencyMs: options.latencyMs ?? 0,
    }
  }

  get isPaused(): boolean {
    return this.#paused
  }

  get isGone(): boolean {
    return this.#gone
  }

  start(sink: ByteStreamSink): void {
    if (this.#sink !== undefined) throw new Error('started twice')
    this.#sink = sink
    this.peer.#schedule()
  }

  send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict {
    if (this.#ended || this.#gone) return 'closed'
    for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) {
      if (part.length === 0) continue
      this.#queue.push(part.slice())
      this.queuedBytes += part.length
    }
    this.#fillWire()
    this.queuedBytesPeak = Math.max(this.queuedBytesPeak, this.queuedBytes)
    this.#schedule()
    if (this.queuedBytes > this.#options.highWaterBytes) {
      this.#full = true
      return 'full'
    }
    return this.queuedBytes === 0 ? 'sent' : 'queued'
  }

  drained(): Promise<void> {
    if (this.#gone || this.queuedBytes <= this.#options.lowWaterBytes) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.peer.#schedule()
  }

  end(): void {
    this.#ended = true
    this.#schedule()
  }

  abort(error?: Error): void {
    if (this.#gone) return
    this.#close(error)
    this.#time.setTimer(this.#options.latencyMs, () => this.peer.#close(new Error('ECONNRESET')))
  }

  /** The network loses this end without a word. */
  vanish(): void {
    this.peer.#wire = []
    this.#queue = []
    this.#wire = []
    this.#gone = true
  }

  #close(error?: Error): void {
    if (this.#gone) return
    this.#gone = true
    this.#queue = []
    this.#wire = []
    this.queuedBytes = 0
    this.#drainWaiters()
    this.#time.setTimer(0, () => this.#sink?.close(error))
  }

  #fillWire(): void {
    while (this.#queue.length > 0 && this.#wireBytes < this.#options.wireBytesMax) {
      const room = this.#options.wireBytesMax - this.#wireBytes
      const head = this.#queue[0] as Uint8Array
      const taken = head.subarray(0, room)
      if (taken.length === head.length) this.#queue.shift()
      else this.#queue[0] = head.subarray(room)
      this.#wire.push(taken)
      this.#wireBytes += taken.length
      this.queuedBytes -= taken.length
    }
    if (this.queuedBytes <= this.#options.lowWaterBytes) this.#drainWaiters()
  }

  #drainWaiters(): void {
    for (const resolve of this.#waiters.splice(0)) resolve()
    if (!this.#full) return
    this.#full = false
    if (!this.#gone) this.#time.setTimer(0, () => this.#gone || this.#sink?.drain())
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#time.setTimer(this.#options.latencyMs, () => {
      this.#scheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    const peer = this.peer
    if (this.#gone || peer.#gone || peer.#sink === undefined || peer.#paused) return
    const all = concat(this.#wire)
    if (all.length > 0) {
      const chunk = all.slice(0, this.#options.chunkBytesMax)
      const rest = all.subarray(chunk.length)
      this.#wire = rest.length > 0 ? [rest] : []
      this.#wireBytes -= chunk.length
      peer.#sink.data(chunk)
      chunk.fill(0xdb)
      this.#fillWire()
      this.#schedule()
    } else if (this.#ended && !this.#endDelivered) {
      this.#endDelivered = true
      peer.#sink.end()
      if (peer.#ended && peer.#endDelivered) this.#closeBoth()
    }
  }

  #closeBoth(): void {
    const peer = this.peer
    this.#close()
    peer.#close()
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
