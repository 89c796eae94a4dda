import type { SendVerdict } from '@frameport/framing'
import { inMicrotask, onLateFailure, reportUncaught } from '@frameport/framing/checks'
import { LentChunk } from './lent-chunk.ts'
import type { EndLimits, EndSink, MemoryStreamCounters } from './pair-end-types.ts'
import { TestingError } from './testing-error.ts'
import type { ArrivalQueue, Wire } from './wire.ts'

/**
 * One end of a pair, for bytes or frames: the queue with its watermarks, pause, half-close, reset and close. Every
 * call to a sink comes from a microtask or a timer, one at a time, never from inside a call of the owner.
 */
export abstract class PairEnd<Sink extends EndSink, Queue extends ArrivalQueue> {
  /** Set once by the pair. */
  peer!: PairEnd<Sink, Queue>
  /** Accepted data that is not in the window yet. */
  protected readonly queue: Queue
  protected readonly outgoing: Wire<Queue>
  protected readonly incoming: Wire<Queue>
  readonly #limits: EndLimits
  #drainWaiters: (() => void)[] = []
  #sink: Sink | undefined
  readonly #lent: LentChunk
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

  constructor(queue: Queue, outgoing: Wire<Queue>, incoming: Wire<Queue>, limits: EndLimits) {
    this.queue = queue
    this.outgoing = outgoing
    this.incoming = incoming
    this.#limits = limits
    this.#lent = new LentChunk(limits.poisonLentBytes)
  }

  /** Whether data has arrived that must be delivered before the end of the peer. */
  protected abstract hasArrived(): boolean
  /** Makes at most one call to the sink, for the first arrived item. */
  protected abstract deliverArrived(sink: Sink): void
  protected abstract deliverEnd(sink: Sink): unknown
  /** The next data to send, at most as long as the room in the window; undefined if none can be sent. */
  protected abstract nextSegment(): Uint8Array | undefined
  /** Whether the queue is empty, so that the end can be sent. */
  protected abstract isEmpty(): boolean
  /** Called once, when this end is closed in order, aborted or reset. */
  protected onClosed(): void {}
  /** Called when data of this end arrived at an end that is gone: `bytes`, which are lost, or the end after them. */
  protected onReachedNobody(_what: 'bytes' | 'end'): void {}
  /** Enters the code of the owner from a microtask. */
  protected enterLater(callback: () => void): void {
    inMicrotask(callback)
  }
  /** Settles a promise of the owner. */
  protected wake(resolve: () => void): void {
    resolve()
  }

  get state(): 'open' | 'closed' {
    return this.#state
  }

  get queuedBytes(): number {
    return this.queue.byteLength
  }

  get counters(): MemoryStreamCounters {
    return {
      acceptedBytes: this.#acceptedBytes,
      deliveredBytes: this.#deliveredBytes,
      queuedBytes: this.queue.byteLength,
      onWayBytes: this.outgoing.bytesOnWay,
      droppedBytes: this.#droppedBytes,
      chunksDelivered: this.#chunksDelivered,
    }
  }

  start(sink: Sink): void {
    if (this.#sink !== undefined) throw new TestingError('ALREADY_STARTED')
    this.#sink = sink
    this.schedulePump()
  }

  /** Queues data, unless this end has ended. `copy` makes the bytes that are kept. */
  protected accept(copy: () => Uint8Array): SendVerdict {
    if (this.#state === 'closed' || this.#ending) return 'closed'
    const segment = copy()
    this.#acceptedBytes += segment.byteLength
    this.queue.push(segment)
    this.transmit()
    if (this.isEmpty()) return 'sent'
    if (this.queue.byteLength <= this.#limits.highWatermarkBytes) return 'queued'
    this.#drainOwed = true
    return 'full'
  }

  drained(): Promise<void> {
    if (this.#state === 'closed' || this.queue.byteLength <= this.#limits.lowWatermarkBytes) {
      return Promise.resolve()
    }
    return new Promise((resolve) => this.#drainWaiters.push(resolve))
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.schedulePump()
  }

  end(): void {
    if (this.#state === 'closed' || this.#ending) return
    this.#ending = true
    this.transmit()
  }

  abort(error?: Error): void {
    if (this.#state === 'closed') return
    this.#close(error)
    this.outgoing.later(() => this.peer.resetByPeer())
    this.onClosed()
  }

  /** Called when a reset has arrived. */
  resetByPeer(): void {
    if (this.#state === 'closed') return
    this.#close(new TestingError('CONNECTION_RESET'))
    this.onClosed()
  }

  /** Called when the end of the peer has arrived, for the first time or again. */
  endedByPeer(): void {
    this.#endArrived = true
    if (this.#state === 'open') this.schedulePump()
  }

  /**
   * Called when the owner is gone: none of its callbacks is called any longer. Its queued data is lost, and so is the
   * data that arrived for it. Data in transit stays there.
   */
  protected vanish(): void {
    this.#sink = undefined
    this.#drainWaiters = []
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#droppedBytes += this.queue.clear()
    this.peer.#droppedBytes += this.incoming.arrived.clear()
  }

  /** Called when data that this end sent was lost in transit. */
  protected lost(bytes: number): void {
    this.#droppedBytes += bytes
  }

  /** Sends and delivers nothing more. The sink is called in a separate task. */
  #close(error: Error | undefined): void {
    this.#state = 'closed'
    this.#droppedBytes += this.queue.clear() + this.outgoing.abandon()
    this.peer.#droppedBytes += this.incoming.cut()
    this.#closeError = error
    this.#closeOwed = true
    this.#settleDrained()
    this.schedulePump()
  }

  /** Moves the data that fits into the window, then the end. */
  transmit(): void {
    for (let segment = this.nextSegment(); segment !== undefined; segment = this.nextSegment()) {
      this.outgoing.carry(segment, () => this.#carried())
    }
    if (this.queue.byteLength <= this.#limits.lowWatermarkBytes) this.#settleDrained()
    if (!this.#ending || this.#endSent || !this.isEmpty()) return
    this.#endSent = true
    this.outgoing.later(() => {
      this.peer.endedByPeer()
      if (this.peer.#state === 'closed') this.onReachedNobody('end')
    })
    this.#closeWhenBothEnded()
  }

  /** Data for an aborted end is lost: its reset may still be in transit to this end. */
  #carried(): void {
    if (this.peer.#state === 'open') {
      this.peer.schedulePump()
      return
    }
    this.#droppedBytes += this.outgoing.arrived.clear()
    this.onReachedNobody('bytes')
  }

  #settleDrained(): void {
    const waiters = this.#drainWaiters
    this.#drainWaiters = []
    for (const resolve of waiters) this.wake(resolve)
    if (this.#drainOwed) this.schedulePump()
  }

  #closeWhenBothEnded(): void {
    if (!this.#endSent || !this.#endDelivered || this.#state === 'closed') return
    this.#state = 'closed'
    this.#closeOwed = true
    this.schedulePump()
    this.onClosed()
  }

  protected schedulePump(): void {
    if (this.#pumpScheduled || this.#sink === undefined) return
    this.#pumpScheduled = true
    this.enterLater(() => {
      this.#pumpScheduled = false
      this.#deliverOne()
    })
  }

  /** Makes at most one call to the sink, then the next in a new microtask. */
  #deliverOne(): void {
    const sink = this.#sink as Sink
    if (this.#state === 'closed') {
      if (!this.#closeOwed) return
      this.#closeOwed = false
      this.call(() => sink.close?.(this.#closeError))
      return
    }
    if (this.#drainOwed && this.queue.byteLength <= this.#limits.lowWatermarkBytes) {
      this.#drainOwed = false
      this.schedulePump()
      this.call(() => sink.drain?.())
      return
    }
    if (this.#paused) return
    if (this.hasArrived()) {
      this.schedulePump()
      this.deliverArrived(sink)
    } else if (this.#endArrived && !this.#endDelivered) {
      this.#endDelivered = true
      this.call(() => this.deliverEnd(sink))
      this.#closeWhenBothEnded()
    }
  }

  /** Lends bytes to one call of the sink. Their room in the window is free afterwards. */
  protected lend(
    bytes: number,
    fill: (lent: Uint8Array) => void,
    callback: (lent: Uint8Array) => unknown,
  ): void {
    this.#lent.lend(bytes, fill, (lent) => {
      this.peer.#deliveredBytes += bytes
      this.peer.#chunksDelivered++
      this.call(() => callback(lent))
    })
    this.#roomForPeer()
  }

  /** Drops arrived data. Its room in the window is free afterwards. */
  protected drop(bytes: number): void {
    this.peer.#droppedBytes += bytes
    this.#roomForPeer()
  }

  #roomForPeer(): void {
    if (this.peer.#state === 'open') this.peer.transmit()
  }

  /**
   * Like a connection of the completion port: after a callback throws or rejects, its position in the stream is
   * unknown.
   */
  protected call(callback: () => unknown): void {
    const failed = (cause: unknown) => {
      reportUncaught(cause)
      this.abort(new TestingError('CALLBACK_THREW', undefined, { cause }))
    }
    try {
      onLateFailure(callback(), failed)
    } catch (error) {
      failed(error)
    }
  }
}
