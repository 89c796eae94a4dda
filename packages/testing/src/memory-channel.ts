import {
  type FrameChannel,
  type FrameSink,
  FramingError,
  type Payload,
  type SendVerdict,
} from '@frameport/framing'
import { describeValue } from '@frameport/protocol/checks'
import { wholeNumber } from './chunking.ts'
import { copyPayload, tooLong } from './copy-payload.ts'
import { FrameQueue } from './frame-queue.ts'
import { PairEnd } from './pair-end.ts'
import type { EndLimits, MemoryStreamCounters } from './pair-end-types.ts'
import type { Wire } from './wire.ts'

/** One end of a pair of in-memory channels. {@link createMemoryChannels} makes both. */
export interface MemoryChannel extends FrameChannel {
  /** What became of the bytes that this end sent. */
  readonly counters: MemoryStreamCounters
  /** `closed`: ended in both directions, aborted or reset. The sink may not have been called yet. */
  readonly state: 'open' | 'closed'
}

export interface ChannelLimits extends EndLimits {
  readonly receiveBytesMax: number
  readonly sendBytesMax: number
}

/** An end that carries whole frames. */
export class ChannelEnd extends PairEnd<FrameSink, FrameQueue> implements MemoryChannel {
  readonly frameOverheadBytes = 0
  #receiveBytesMax: number
  #sendBytesMax: number
  /** Whether `received` was called for the next frame. */
  #announced = false
  /** After a frame that was too long, only the close is delivered. */
  #deaf = false

  constructor(outgoing: Wire<FrameQueue>, incoming: Wire<FrameQueue>, limits: ChannelLimits) {
    super(new FrameQueue(), outgoing, incoming, limits)
    this.#receiveBytesMax = limits.receiveBytesMax
    this.#sendBytesMax = limits.sendBytesMax
  }

  get receiveBytesMax(): number {
    return this.#receiveBytesMax
  }

  set receiveBytesMax(value: number) {
    this.#receiveBytesMax = wholeNumber('receiveBytesMax', value, 0)
  }

  get sendBytesMax(): number {
    return this.#sendBytesMax
  }

  set sendBytesMax(value: number) {
    this.#sendBytesMax = wholeNumber('sendBytesMax', value, 0)
  }

  override start(sink: FrameSink): void {
    if (typeof (sink as Partial<FrameSink> | null | undefined)?.frame !== 'function') {
      const text = `The sink is ${describeValue(sink)}: give an object with a method frame(payload).`
      throw new FramingError('INVALID_ARGUMENT', text)
    }
    super.start(sink)
  }

  send(payload: Payload): SendVerdict {
    // Checked even if the channel is closed, like every mistake of the caller.
    const frame = copyPayload(payload, this.#sendBytesMax)
    return this.accept(() => frame)
  }

  /** A frame that is longer than the window travels alone, because it cannot be divided. */
  protected override nextSegment(): Uint8Array | undefined {
    const { first } = this.queue
    if (first === undefined) return undefined
    const fits = first.byteLength <= this.outgoing.roomBytes || this.outgoing.bytesOnWay === 0
    return fits ? this.queue.shift() : undefined
  }

  protected override isEmpty(): boolean {
    return this.queue.first === undefined
  }

  protected override hasArrived(): boolean {
    return this.incoming.arrived.first !== undefined
  }

  protected override deliverArrived(sink: FrameSink): void {
    if (this.#deaf) {
      this.drop(this.incoming.arrived.shift().byteLength)
    } else if (!this.#announced) {
      this.#announced = true
      this.call(() => sink.received?.())
    } else {
      this.#announced = false
      this.#deliverFrame(this.incoming.arrived.shift(), sink)
    }
  }

  #deliverFrame(frame: Uint8Array, sink: FrameSink): void {
    const { byteLength } = frame
    if (byteLength > this.#receiveBytesMax) this.#refuse(byteLength, sink)
    else {
      this.lend(
        byteLength,
        (lent) => lent.set(frame),
        (lent) => sink.frame(lent),
      )
    }
  }

  #refuse(bytes: number, sink: FrameSink): void {
    const error = tooLong('A received frame', bytes, this.#receiveBytesMax)
    this.#deaf = true
    if (sink.invalid === undefined) this.abort(error)
    else this.call(() => sink.invalid?.(error))
    this.drop(bytes)
  }

  protected override deliverEnd(sink: FrameSink): unknown {
    return this.#deaf ? undefined : sink.end?.()
  }
}
