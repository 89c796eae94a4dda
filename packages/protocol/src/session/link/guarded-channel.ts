import {
  type FrameChannel,
  type FrameSink,
  FramingError,
  type Payload,
  type SendVerdict,
} from '@frameport/framing'
import { describeValue, inMicrotask, isBytes, onLateFailure } from '@frameport/framing/checks'
import { textOfThrown } from '../../checks/thrown.ts'
import type { SessionChannel } from '../common/session-channel.ts'
import { EarlyDeliveries } from './early-deliveries.ts'
import { GuardedSink, type SinkGuard } from './guarded-sink.ts'

/** Callbacks of a guarded channel besides the deliveries. Each is called at most once, from a microtask. */
export interface GuardedChannelEvents {
  /** The channel violates its contract, so its behaviour is unknown. */
  channelBroke(message: string, cause: unknown): void
  /** The channel accepts nothing more although it was not ended, so it must close soon. */
  channelRefused(): void
}

const nobody: FrameSink = { frame: () => undefined }

/**
 * A channel on which its owner can rely, whoever implemented it. Only `start` throws, and `send` for an invalid
 * payload. An error that a method of the channel throws, or rejects with, breaks it, and so does an invalid delivery or
 * result. Data sent after that is lost, as on a closed channel.
 *
 * After a `full` verdict its sink gets one `drain`, whether the channel calls `drain` or `drained()` settles, and its
 * own `drained()` settles with either.
 */
export class GuardedChannel implements SessionChannel, SinkGuard {
  readonly waitsForAck = false
  readonly #channel: FrameChannel
  readonly #events: GuardedChannelEvents
  #sink: FrameSink = nobody
  #early: EarlyDeliveries | undefined
  #isStarted = false
  #broken = false
  #sending = false
  /** This side has ended or aborted it, or knows that it accepts nothing more. */
  #endExpected = false
  #owesDrain = false
  /** The number of owed drains so far: an earlier `drained()` does not count for a later one. */
  #drainsOwed = 0
  #drainWaiters: (() => void)[] | undefined
  #receiveBytesMax = Number.POSITIVE_INFINITY
  #bytesSent = 0
  #bytesReceived = 0
  #overheadBytes = 0

  constructor(channel: FrameChannel, events: GuardedChannelEvents) {
    this.#channel = channel
    this.#events = events
  }

  get sink(): FrameSink {
    return this.#sink
  }

  get isStarted(): boolean {
    return this.#isStarted
  }

  get queuedBytes(): number {
    try {
      return this.#channel.queuedBytes
    } catch (error) {
      return this.#threw('queuedBytes', error, 0)
    }
  }

  /** Bytes that arrived and were not delivered. 0 for a channel that does not say. */
  get heldBytes(): number {
    try {
      return this.#channel.heldBytes ?? 0
    } catch (error) {
      return this.#threw('heldBytes', error, 0)
    }
  }

  /** The memory that was taken for those. 0 for a channel that does not say. */
  get heldMemoryBytes(): number {
    try {
      return this.#channel.heldMemoryBytes ?? 0
    } catch (error) {
      return this.#threw('heldMemoryBytes', error, 0)
    }
  }

  /** Bytes that the channel took so far. */
  get bytesSent(): number {
    return this.#bytesSent
  }

  /** Bytes of the frames that have arrived so far. */
  get bytesReceived(): number {
    return this.#bytesReceived
  }

  get bytesTaken(): number {
    return this.#bytesSent - this.queuedBytes
  }

  /**
   * Deliveries before `start` of the channel has returned are delivered in a microtask.
   *
   * @throws the error of the channel, which then has no owner
   */
  start(sink: FrameSink): void {
    this.#sink = sink
    this.#overheadBytes = this.#channel.frameOverheadBytes
    const early = new EarlyDeliveries()
    this.#early = early
    const started: unknown = this.#channel.start(new GuardedSink(this))
    this.#isStarted = true
    if (early.isEmpty) this.#early = undefined
    else
      early.deliverSoon(() => {
        this.#early = undefined
      })
    onLateFailure(started, (error) => this.#threw('start', error, undefined))
  }

  /** Applies from the next frame on. It never decreases, so that no frame that has begun exceeds it. */
  setReceiveBytesMax(bytes: number): void {
    this.#receiveBytesMax = bytes
    this.#safely('receiveBytesMax', () => {
      this.#channel.receiveBytesMax = bytes
    })
  }

  /** Applies from the next frame on. */
  setSendBytesMax(bytes: number): void {
    this.#safely('sendBytesMax', () => {
      this.#channel.sendBytesMax = bytes
    })
  }

  send(payload: Payload, payloadBytes: number): SendVerdict {
    if (this.#broken) return 'closed'
    this.#sending = true
    try {
      const verdict = this.#channel.send(payload)
      if (verdict === 'closed') return this.#refused()
      if (verdict === 'full') this.#full()
      else if (verdict !== 'sent' && verdict !== 'queued') return this.#wrongVerdict(verdict)
      this.#bytesSent += payloadBytes + this.#channel.frameOverheadBytes
      return verdict
    } catch (error) {
      if (FramingError.is(error) && error.code === 'FRAME_TOO_LONG') throw error
      return this.#threw('send', error, 'closed')
    } finally {
      this.#sending = false
    }
  }

  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#drainWaiters ??= []
      this.#drainWaiters.push(resolve)
      void this.#askDrained().then(() => this.#settleDrained())
    })
  }

  pause(): void {
    this.#safely('pause', () => this.#channel.pause())
  }

  resume(): void {
    this.#safely('resume', () => this.#channel.resume())
  }

  end(): void {
    this.#endExpected = true
    this.#safely('end', () => this.#channel.end())
  }

  abort(error?: Error): void {
    this.#endExpected = true
    this.#safely('abort', () => this.#channel.abort(error))
  }

  admits(payload: Uint8Array): boolean {
    if (this.#early === undefined) return this.#isRight(payload)
    // Lent only during this call.
    const kept = ArrayBuffer.isView(payload) ? payload.slice() : payload
    this.#early.add(() => {
      if (this.#isRight(kept)) this.#sink.frame(kept)
    })
    return false
  }

  receivedCame(): void {
    this.#sink.received?.()
  }

  invalidCame(error: FramingError): void {
    if (FramingError.is(error)) this.#later(() => this.#sink.invalid?.(error))
    else this.#break('its channel called invalid() without a FramingError', error)
  }

  endCame(): void {
    this.#later(() => this.#sink.end?.())
  }

  drainCame(): void {
    this.#later(() => this.#drained())
  }

  closeCame(error: Error | undefined): void {
    this.#later(() => this.#sink.close?.(error))
  }

  /** Deferred, because a caller of `start` or `send` must not be called back from inside its own call. */
  #later(tell: () => void): void {
    if (this.#early !== undefined) this.#early.add(tell)
    else if (this.#sending) inMicrotask(tell)
    else tell()
  }

  /** Checks a frame, and reports what is wrong with it to the owner. */
  #isRight(payload: Uint8Array): boolean {
    if (this.#broken) return false
    if (this.#sending) this.#break('its channel delivered a frame inside send()')
    else if (!(payload instanceof Uint8Array) && !isBytes(payload))
      this.#break(`its channel delivered ${describeValue(payload)} instead of a Uint8Array`)
    else if (payload.length > this.#receiveBytesMax) this.#sink.invalid?.(this.#tooLong(payload.length))
    else {
      this.#bytesReceived += payload.length + this.#overheadBytes
      return true
    }
    return false
  }

  #full(): void {
    if (this.#owesDrain) return
    this.#owesDrain = true
    const owed = ++this.#drainsOwed
    void this.#askDrained().then(() => {
      if (this.#drainsOwed === owed) this.#drained()
    })
  }

  #drained(): void {
    this.#settleDrained()
    if (!this.#owesDrain) return
    this.#owesDrain = false
    this.#sink.drain?.()
  }

  #settleDrained(): void {
    const waiters = this.#drainWaiters
    this.#drainWaiters = undefined
    for (const resolve of waiters ?? []) resolve()
  }

  /** Never rejects. */
  #askDrained(): Promise<unknown> {
    try {
      const drained: unknown = this.#channel.drained()
      if (drained instanceof Object && 'then' in drained) {
        return Promise.resolve(drained).catch((error: unknown) => this.#threw('drained', error, undefined))
      }
      this.#break(`drained() of its channel returned ${describeValue(drained)} instead of a promise`)
    } catch (error) {
      this.#threw('drained', error, undefined)
    }
    return Promise.resolve()
  }

  #refused(): SendVerdict {
    if (!this.#endExpected) {
      this.#endExpected = true
      inMicrotask(() => this.#events.channelRefused())
    }
    return 'closed'
  }

  #wrongVerdict(verdict: unknown): SendVerdict {
    // An async `send` rejects with the reason, which is not needed.
    onLateFailure(verdict, () => undefined)
    this.#break(`send() of its channel returned ${describeValue(verdict)}, not sent, queued, full or closed`)
    return 'closed'
  }

  #tooLong(bytes: number): FramingError {
    const frameBytesMax = this.#receiveBytesMax
    return new FramingError(
      'FRAME_TOO_LONG',
      `The channel delivered a frame of ${bytes} bytes, and its receiveBytesMax is ${frameBytesMax}.`,
      { announcedBytes: bytes, frameBytesMax },
    )
  }

  #safely(method: string, call: () => unknown): void {
    try {
      onLateFailure(call(), (error) => this.#threw(method, error, undefined))
    } catch (error) {
      this.#threw(method, error, undefined)
    }
  }

  #threw<Instead>(method: string, error: unknown, instead: Instead): Instead {
    this.#break(`${method} of its channel threw: ${textOfThrown(error)}`, error)
    return instead
  }

  #break(message: string, cause?: unknown): void {
    if (this.#broken) return
    this.#broken = true
    inMicrotask(() => this.#events.channelBroke(message, cause))
  }
}
