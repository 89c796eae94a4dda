import type { SendVerdict } from '@frameport/framing'
import { inMicrotask, onLateFailure, reportUncaught } from '@frameport/framing/checks'
import { TestingError } from './testing-error.ts'
import type { ArrivalQueue, Wire } from './wire.ts'

/** What became of every byte given to one end. `accepted = delivered + queued + onWay + dropped`, always. */
export interface MemoryStreamCounters {
  /** Bytes that `send` of this end took. */
  readonly acceptedBytes: number
  /** Of those, what the other end's sink was given. */
  readonly deliveredBytes: number
  readonly queuedBytes: number
  readonly onWayBytes: number
  /** Lost to an abort of either end, or refused by the other end as too long a frame. */
  readonly droppedBytes: number
  /** `data` or `frame` calls made for them. */
  readonly chunksDelivered: number
}

/** What every kind of sink hears of. */
export interface EndSink {
  drain?(): void
  close?(error?: Error): void
}

export interface EndLimits {
  readonly highWatermarkBytes: number
  readonly lowWatermarkBytes: number
  readonly poisonLentBytes: boolean
}

/** Lent bytes start here in their buffer, so that who ignores `byteOffset` reads rubbish. */
const lentOffset = 8
const poison = 0xdd

/**
 * One end of a pair, whatever it carries: the queue with its watermarks, pause, half-close, reset and close. Every
 * call to a sink comes from a microtask or a timer, one at a time, never from inside a call of the owner.
 */
export abstract class PairEnd<Sink extends EndSink, Queue extends ArrivalQueue> {
  /** Set once by the pair. */
  peer!: PairEnd<Sink, Queue>
  /** Accepted, and not yet in the window. */
  protected readonly queue: Queue
  protected readonly outgoing: Wire<Queue>
  protected readonly incoming: Wire<Queue>
  readonly #limits: EndLimits
  #drainWaiters: (() => void)[] = []
  #sink: Sink | undefined
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

  constructor(queue: Queue, outgoing: Wire<Queue>, incoming: Wire<Queue>, limits: EndLimits) {
    this.queue = queue
    this.outgoing = outgoing
    this.incoming = incoming
    this.#limits = limits
  }

  /** Whether something has arrived that is delivered before the end of the peer. */
  protected abstract hasArrived(): boolean
  /** Makes one call to the sink at most, for the first thing that has arrived. */
  protected abstract deliverArrived(sink: Sink): void
  protected abstract deliverEnd(sink: Sink): unknown
  /** What leaves next, at most what the window has room for; undefined when nothing can. */
  protected abstract nextSegment(): Uint8Array | undefined
  /** Whether nothing waits: the end may leave. */
  protected abstract isEmpty(): boolean

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

  /** Queues what is sent, unless this end sends no more; `copy` makes the bytes that are kept. */
  protected accept(copy: () => Uint8Array): SendVerdict {
    if (this.#state === 'closed' || this.#ending) return 'closed'
    const segment = copy()
    this.#acceptedBytes += segment.byteLength
    this.queue.push(segment)
    this.#transmit()
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
    this.#transmit()
  }

  abort(error?: Error): void {
    if (this.#state === 'closed') return
    this.#close(error)
    this.outgoing.later(() => this.peer.#resetByPeer())
  }

  #resetByPeer(): void {
    if (this.#state === 'open') this.#close(new TestingError('CONNECTION_RESET'))
  }

  /** Nothing more is sent or delivered; the sink is told in a task of its own. */
  #close(error: Error | undefined): void {
    this.#state = 'closed'
    this.#droppedBytes += this.queue.clear() + this.outgoing.cut()
    this.peer.#droppedBytes += this.incoming.cut()
    this.#closeError = error
    this.#closeOwed = true
    this.#settleDrained()
    this.schedulePump()
  }

  /** Moves what fits into the window, then the end. */
  #transmit(): void {
    for (let segment = this.nextSegment(); segment !== undefined; segment = this.nextSegment()) {
      this.outgoing.carry(segment, () => this.#carried())
    }
    if (this.queue.byteLength <= this.#limits.lowWatermarkBytes) this.#settleDrained()
    if (!this.#ending || this.#endSent || !this.isEmpty()) return
    this.#endSent = true
    this.outgoing.later(() => {
      this.peer.#endArrived = true
      this.peer.schedulePump()
    })
    this.#closeWhenBothEnded()
  }

  /** What reaches an end that was aborted is lost: its reset may still be on the way to this one. */
  #carried(): void {
    if (this.peer.#state === 'closed') this.#droppedBytes += this.outgoing.arrived.clear()
    else this.peer.schedulePump()
  }

  #settleDrained(): void {
    const waiters = this.#drainWaiters
    this.#drainWaiters = []
    for (const resolve of waiters) resolve()
    if (this.#drainOwed) this.schedulePump()
  }

  #closeWhenBothEnded(): void {
    if (!this.#endSent || !this.#endDelivered || this.#state === 'closed') return
    this.#state = 'closed'
    this.#closeOwed = true
    this.schedulePump()
  }

  protected schedulePump(): void {
    if (this.#pumpScheduled || this.#sink === undefined) return
    this.#pumpScheduled = true
    inMicrotask(() => {
      this.#pumpScheduled = false
      this.#deliverOne()
    })
  }

  /** One call to the sink at most, then the next in a microtask of its own. */
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

  /** Lends bytes to one call of the sink; their room in the window is free afterwards. */
  protected lend(
    bytes: number,
    fill: (lent: Uint8Array) => void,
    callback: (lent: Uint8Array) => unknown,
  ): void {
    if (this.#lent.byteLength < bytes + lentOffset) this.#lent = new Uint8Array(bytes + lentOffset)
    const lent = this.#lent.subarray(lentOffset, lentOffset + bytes)
    fill(lent)
    this.peer.#deliveredBytes += bytes
    this.peer.#chunksDelivered++
    this.call(() => callback(lent))
    if (this.#limits.poisonLentBytes) lent.fill(poison)
    this.#roomForPeer()
  }

  /** What arrived is not delivered; its room in the window is free. */
  protected drop(bytes: number): void {
    this.peer.#droppedBytes += bytes
    this.#roomForPeer()
  }

  #roomForPeer(): void {
    if (this.peer.#state === 'open') this.peer.#transmit()
  }

  /** As a connection of the completion port does: a callback that throws, or rejects later, has lost its stream. */
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

/** What the ends of a pair still hold, one line each. */
export function leftOversOf(
  kind: 'pair' | 'pair of channels',
  ends: Readonly<Record<'a' | 'b', Pick<PairEnd<EndSink, ArrivalQueue>, 'state' | 'counters'>>>,
): string[] {
  return Object.entries(ends).flatMap(([name, { state, counters }]) => {
    const { queuedBytes, onWayBytes } = counters
    const lines = state === 'open' ? [`end ${name} of a ${kind} is open`] : []
    if (queuedBytes + onWayBytes === 0) return lines
    return [...lines, `end ${name} of a ${kind} has ${queuedBytes} bytes queued and ${onWayBytes} on the way`]
  })
}
