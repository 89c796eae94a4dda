import type { BackendName } from '../contract/backend-note.ts'
import type { Connection, ConnectionSink, SendVerdict } from '../contract/connection.ts'
import type { DriverConnection, DriverEvents } from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import { bytesIn, giveBackParts, lengthOf, partsOf } from '../memory/bytes.ts'
import type { CallbackContext } from '../platform/callback-context.ts'
import { inMicrotask } from '../platform/real-timers.ts'
import { reportUncaught } from '../platform/report-uncaught.ts'
import { asReason } from './abort-reason.ts'
import { checkSink } from './check-sink.ts'
import { iterateChunks } from './chunk-iterator.ts'
import { onLateFailure } from './late-failure.ts'

/** What a connection needs from the port and the listener it belongs to: one object for all of them. */
export interface ConnectionSettings {
  readonly backend: BackendName
  readonly sendQueueHighBytes: number
  readonly sendQueueLowBytes: number
  readonly poisonLentBytes: boolean
  readonly resetOnClose: boolean
  /** The context in which the user's callbacks run. */
  readonly context: CallbackContext
  /** Called once, after the sink's `close`, with the same error. */
  readonly onClosed: (connection: CoreConnection, error: Error | undefined) => void
}

/** Lent bytes are overwritten with this value after the callback: it is improbable as text, as a length and as zero. */
const poison = 0xdb

const dataOf = (sink: ConnectionSink) => sink.data
const drainOf = (sink: ConnectionSink) => sink.drain
const endOf = (sink: ConnectionSink) => sink.end

/**
 * The state of one connection, the same on every back end. Receiving: not started, started, peer ended.
 * Sending: open, ended. Both ended, or an abort, makes it closing; the driver's `closed` makes it closed.
 */
export class CoreConnection implements Connection, DriverEvents {
  readonly id: number
  readonly #driver: DriverConnection
  readonly #settings: ConnectionSettings
  #sink: ConnectionSink | undefined
  #queuedBytes = 0
  #overHigh = false
  #paused = false
  #ended = false
  /** The driver has refused a send: the connection is broken, and the driver's `closed` follows. */
  #refused = false
  /** The driver reports the peer's end; the sink gets it once it is not paused: `telling` while its `end` runs. */
  #peer: 'open' | 'ended' | 'telling' | 'told' = 'open'
  /** `closing` until the driver has closed it; the sink is called once there is one. */
  #phase: 'open' | 'closing' | 'closed' | 'told' = 'open'
  /** Why it closes, set by the first cause. */
  #reason: Error | undefined
  #drainWaiters: (() => void)[] | undefined

  constructor(driver: DriverConnection, id: number, settings: ConnectionSettings) {
    this.id = id
    this.#driver = driver
    this.#settings = settings
    driver.events = this
  }

  get backend(): BackendName {
    return this.#settings.backend
  }

  get localEndpoint(): Endpoint {
    return this.#driver.localEndpoint
  }

  get remoteEndpoint(): Endpoint {
    return this.#driver.remoteEndpoint
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  start(sink: ConnectionSink): void {
    if (this.#sink !== undefined) throw new IocpError('ALREADY_STARTED', { detail: `connection ${this.id}` })
    checkSink(sink)
    this.#sink = sink
    if (this.#phase === 'closed') inMicrotask(() => this.#deliverClose())
    else if (!this.#paused && this.#phase === 'open') this.#driver.receiveStart()
  }

  send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict {
    // First, because it may run the caller's code, which may call any method of this connection.
    const parts = partsOf(bytes)
    const length = bytesIn(parts)
    if (this.#ended || this.#phase !== 'open' || this.#refused) return 'closed'
    if (length > 0) {
      let queuedBytes = this.#driver.send(parts, length)
      giveBackParts()
      // Gathered bytes alone do not make it full: the system may have room for all of them.
      if (queuedBytes > this.#settings.sendQueueHighBytes) queuedBytes = this.#driver.offer()
      if (queuedBytes < 0) return this.#sendRefused()
      this.#queuedBytes = queuedBytes
    }
    if (this.#queuedBytes > this.#settings.sendQueueHighBytes) {
      this.#overHigh = true
      return 'full'
    }
    return this.#queuedBytes === 0 ? 'sent' : 'queued'
  }

  #sendRefused(): SendVerdict {
    this.#refused = true
    return 'closed'
  }

  drained(): Promise<void> {
    const low = this.#queuedBytes <= this.#settings.sendQueueLowBytes
    if (low || this.#phase !== 'open') return Promise.resolve()
    this.#drainWaiters ??= []
    const waiters = this.#drainWaiters
    return new Promise((resolve) => waiters.push(resolve))
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    if (this.#sink === undefined || this.#phase !== 'open') return
    if (this.#peer === 'open') this.#driver.receiveStop()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#sink === undefined || this.#phase !== 'open') return
    if (this.#peer === 'open') this.#driver.receiveStart()
    else inMicrotask(() => this.#deliverEnd())
  }

  end(): void {
    if (this.#ended || this.#phase !== 'open') return
    this.#ended = true
    // With resetOnClose, a reset replaces the FIN if the connection ends with it.
    const endsBoth = this.#peer === 'telling' || this.#peer === 'told'
    if (!this.#settings.resetOnClose || !endsBoth) this.#driver.shutdown()
    this.#closeWhenBothEnded()
  }

  abort(error?: Error): void {
    this.#close(true, asReason(error))
  }

  ref(): void {
    this.#driver.ref()
  }

  unref(): void {
    this.#driver.unref()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return iterateChunks(this)
  }

  received(bytes: Uint8Array): void {
    if (this.#phase !== 'open') return
    this.#call(dataOf, bytes)
    // A chunk that is a copy may have been transferred.
    if (this.#settings.poisonLentBytes && lengthOf(bytes) > 0) bytes.fill(poison)
  }

  receivedEnd(): void {
    if (this.#peer === 'open') this.#peer = 'ended'
    this.#deliverEnd()
  }

  sendProgress(queuedBytes: number): void {
    this.#queuedBytes = queuedBytes
    if (this.#phase !== 'open') return
    if (queuedBytes <= this.#settings.sendQueueLowBytes) {
      this.#wakeDrainWaiters()
      if (this.#overHigh) {
        this.#overHigh = false
        this.#call(drainOf)
      }
    }
    this.#closeWhenBothEnded()
  }

  closed(error?: Error): void {
    if (this.#phase === 'closed' || this.#phase === 'told') return
    if (this.#phase === 'open') this.#reason = error
    this.#phase = 'closed'
    this.#queuedBytes = 0
    this.#wakeDrainWaiters()
    this.#deliverClose()
    this.#settings.onClosed(this, this.#reason)
  }

  #deliverEnd(): void {
    if (this.#peer !== 'ended' || this.#paused || this.#phase !== 'open') return
    // A callback that also ends this side, and then fails or aborts, has not closed in order.
    this.#peer = 'telling'
    this.#call(endOf)
    this.#peer = 'told'
    this.#closeWhenBothEnded()
  }

  #deliverClose(): void {
    if (this.#phase !== 'closed' || this.#sink === undefined) return
    this.#phase = 'told'
    try {
      const { close } = this.#sink
      const returned: unknown = this.#settings.context.runInAsyncScope(close, this.#sink, this.#reason)
      onLateFailure(returned, (error) => this.#report(error))
    } catch (error) {
      this.#report(error)
    }
  }

  /** Runs a user's callback. If it fails, its position in the stream is unknown: the connection is aborted. */
  #call(callbackOf: (sink: ConnectionSink) => (bytes: Uint8Array) => unknown, bytes?: Uint8Array): void {
    const sink = this.#sink
    if (sink === undefined) return
    try {
      const returned = this.#settings.context.scope().runInAsyncScope(callbackOf(sink), sink, bytes)
      if (returned !== undefined) onLateFailure(returned, (error) => this.#callbackFailed(error))
    } catch (error) {
      this.#callbackFailed(error)
    }
  }

  /** Runs in the context of the callback that failed. */
  #report(error: unknown): void {
    this.#settings.context.runInAsyncScope(reportUncaught, undefined, error)
  }

  #callbackFailed(error: unknown): void {
    this.#report(error)
    this.abort(new IocpError('CALLBACK_THREW', { detail: `connection ${this.id}`, cause: error }))
  }

  #closeWhenBothEnded(): void {
    // Refused bytes are lost, so this is not an orderly close: the driver's `closed` has the reason.
    if (this.#refused) return
    if (this.#ended && this.#peer === 'told' && this.#queuedBytes === 0) {
      this.#close(this.#settings.resetOnClose, undefined)
    }
  }

  #close(reset: boolean, reason: Error | undefined): void {
    if (this.#phase !== 'open') return
    this.#phase = 'closing'
    this.#reason = reason
    this.#wakeDrainWaiters()
    this.#driver.close(reset)
  }

  #wakeDrainWaiters(): void {
    const waiters = this.#drainWaiters
    if (waiters === undefined) return
    this.#drainWaiters = undefined
    for (const wake of waiters) wake()
  }
}
