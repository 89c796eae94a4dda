import type { ByteStream, ByteStreamSink, SendVerdict } from '@frameport/framing'
import { onLateFailure } from '@frameport/protocol/session'
import { ByteQueue } from './byte-queue.ts'
import type { ChunkSizer } from './chunking.ts'
import { TestingError } from './testing-error.ts'
import type { Wire } from './wire.ts'

/** What became of every byte given to one end. `accepted = delivered + queued + onWay + dropped`, always. */
export interface MemoryStreamCounters {
  /** Bytes that `send` of this end took. */
  readonly acceptedBytes: number
  /** Of those, what the other end's sink was given. */
  readonly deliveredBytes: number
  readonly queuedBytes: number
  readonly onWayBytes: number
  /** Lost to an abort of either end. */
  readonly droppedBytes: number
  /** `data` calls made for them. */
  readonly chunksDelivered: number
}

/** One end of an in-memory pair. */
export interface MemoryStream extends ByteStream {
  readonly counters: MemoryStreamCounters
  /** `closed`: gone, whether or not a sink was there to be told. */
  readonly state: 'open' | 'closed'
}

export interface MemoryEndOptions {
  readonly outgoing: Wire
  readonly incoming: Wire
  readonly sizer: ChunkSizer
  readonly highWatermarkBytes: number
  readonly lowWatermarkBytes: number
  readonly poisonLentBytes: boolean
}

/** Lent chunks start here in their buffer, so that who ignores `byteOffset` reads rubbish. */
const lentOffset = 8
const poison = 0xdd

/** The working end. Every call to a sink comes from a microtask or a timer, one at a time, never from `send`. */
export class MemoryEnd implements MemoryStream {
  /** Set once by the pair. */
  peer!: MemoryEnd
  readonly #options: MemoryEndOptions
  readonly #queue = new ByteQueue()
  #drainWaiters: (() => void)[] = []
  #sink: ByteStreamSink | undefined
  #lent = new Uint8Array(0)
  #acceptedBytes = 0
  #deliveredBytes = 0
  #droppedBytes = 0
  #chunksDelivered = 0
  #paused = false
  #pumpScheduled = false
  #drainOwed = false
  #ending = false
  #endSent = false
  #endArrived = false
  #endDelivered = false
  #state: 'open' | 'closed' = 'open'
  #closeOwed = false
  #closeError: Error | undefined

  constructor(options: MemoryEndOptions) {
    this.#options = options
  }

  get state(): 'open' | 'closed' {
    return this.#state
  }

  get queuedBytes(): number {
    return this.#queue.byteLength
  }

  get counters(): MemoryStreamCounters {
    return {
      acceptedBytes: this.#acceptedBytes,
      deliveredBytes: this.#deliveredBytes,
      queuedBytes: this.#queue.byteLength,
      onWayBytes: this.#options.outgoing.bytesOnWay,
      droppedBytes: this.#droppedBytes,
      chunksDelivered: this.#chunksDelivered,
    }
  }

  start(sink: ByteStreamSink): void {
    if (this.#sink !== undefined) throw new TestingError('ALREADY_STARTED')
    this.#sink = sink
    this.#schedulePump()
  }

  send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict {
    if (this.#state === 'closed' || this.#ending) return 'closed'
    const segment = copyParts(bytes)
    this.#acceptedBytes += segment.byteLength
    this.#queue.push(segment)
    this.#transmit()
    if (this.#queue.byteLength === 0) return 'sent'
    if (this.#queue.byteLength <= this.#options.highWatermarkBytes) return 'queued'
    this.#drainOwed = true
    return 'full'
  }

  drained(): Promise<void> {
    if (this.#state === 'closed' || this.#queue.byteLength <= this.#options.lowWatermarkBytes) {
      return Promise.resolve()
    }
    return new Promise((resolve) => this.#drainWaiters.push(resolve))
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#schedulePump()
  }

  end(): void {
    if (this.#state === 'closed' || this.#ending) return
    this.#ending = true
    this.#transmit()
  }

  abort(error?: Error): void {
    if (this.#state === 'closed') return
    const { outgoing } = this.#options
    this.#close(error)
    outgoing.later(() => this.peer.#resetByPeer())
  }

  #resetByPeer(): void {
    if (this.#state === 'open') this.#close(new TestingError('CONNECTION_RESET'))
  }

  /** Nothing more is sent or delivered; the sink is told in a task of its own. */
  #close(error: Error | undefined): void {
    this.#state = 'closed'
    this.#droppedBytes += this.#queue.clear() + this.#options.outgoing.cut()
    this.peer.#droppedBytes += this.#options.incoming.cut()
    this.#closeError = error
    this.#closeOwed = true
    this.#settleDrained()
    this.#schedulePump()
  }

  /** Moves what fits into the window, then the end. */
  #transmit(): void {
    const { outgoing } = this.#options
    while (this.#queue.byteLength > 0 && outgoing.roomBytes > 0) {
      outgoing.carry(this.#queue.shiftSegment(outgoing.roomBytes), () => this.peer.#schedulePump())
    }
    if (this.#queue.byteLength <= this.#options.lowWatermarkBytes) this.#settleDrained()
    if (!this.#ending || this.#endSent || this.#queue.byteLength > 0) return
    this.#endSent = true
    outgoing.later(() => {
      this.peer.#endArrived = true
      this.peer.#schedulePump()
    })
    this.#closeWhenBothEnded()
  }

  #settleDrained(): void {
    const waiters = this.#drainWaiters
    this.#drainWaiters = []
    for (const resolve of waiters) resolve()
    if (this.#drainOwed) this.#schedulePump()
  }

  #closeWhenBothEnded(): void {
    if (!this.#endSent || !this.#endDelivered || this.#state === 'closed') return
    this.#state = 'closed'
    this.#closeOwed = true
    this.#schedulePump()
  }

  #schedulePump(): void {
    if (this.#pumpScheduled || this.#sink === undefined) return
    this.#pumpScheduled = true
    queueMicrotask(() => {
      this.#pumpScheduled = false
      this.#deliverOne()
    })
  }

  /** One call to the sink at most, then the next in a microtask of its own. */
  #deliverOne(): void {
    const sink = this.#sink as ByteStreamSink
    if (this.#state === 'closed') {
      if (!this.#closeOwed) return
      this.#closeOwed = false
      this.#call(() => sink.close(this.#closeError))
      return
    }
    if (this.#drainOwed && this.#queue.byteLength <= this.#options.lowWatermarkBytes) {
      this.#drainOwed = false
      this.#schedulePump()
      this.#call(() => sink.drain())
      return
    }
    if (this.#paused) return
    if (this.#options.incoming.arrived.byteLength > 0) this.#deliverChunk(sink)
    else if (this.#endArrived && !this.#endDelivered) this.#deliverEnd(sink)
  }

  #deliverChunk(sink: ByteStreamSink): void {
    const { incoming, sizer, poisonLentBytes } = this.#options
    const { arrived } = incoming
    const bytes = sizer(arrived.firstSegmentBytes, arrived.byteLength)
    if (this.#lent.byteLength < bytes + lentOffset) this.#lent = new Uint8Array(bytes + lentOffset)
    const chunk = this.#lent.subarray(lentOffset, lentOffset + bytes)
    arrived.copyInto(chunk)
    this.peer.#deliveredBytes += bytes
    this.peer.#chunksDelivered++
    this.#schedulePump()
    this.#call(() => sink.data(chunk))
    if (poisonLentBytes) chunk.fill(poison)
    if (this.peer.#state === 'open') this.peer.#transmit()
  }

  #deliverEnd(sink: ByteStreamSink): void {
    this.#endDelivered = true
    this.#call(() => sink.end())
    this.#closeWhenBothEnded()
  }

  /** As a connection of the completion port does: a callback that throws, or rejects later, has lost its stream. */
  #call(callback: () => unknown): void {
    const failed = (cause: unknown) => {
      queueMicrotask(() => {
        throw cause
      })
      this.abort(new TestingError('CALLBACK_THREW', undefined, { cause }))
    }
    try {
      onLateFailure(callback(), failed)
    } catch (error) {
      failed(error)
    }
  }
}

/** The caller may reuse its bytes as soon as `send` returns. */
function copyParts(bytes: Uint8Array | readonly Uint8Array[]): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes.slice()
  const copy = new Uint8Array(bytes.reduce((sum, part) => sum + part.byteLength, 0))
  let offset = 0
  for (const part of bytes) {
    copy.set(part, offset)
    offset += part.byteLength
  }
  return copy
}
