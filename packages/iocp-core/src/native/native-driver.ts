import type { BackendName } from '../contract/backend-note.ts'
import type { CompletionPortCounters, ConnectOptions, ListenOptions } from '../contract/completion-port.ts'
import type {
  CompletePortOptions,
  Driver,
  DriverConnection,
  DriverListener,
  ListenerEvents,
} from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { endpointUrl } from '../endpoint/parse-endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import { limits } from '../limits.ts'
import { receiveMemory } from '../memory/receive-memory.ts'
import { emptyContext } from '../platform/callback-context.ts'
import { reportUncaught } from '../platform/report-uncaught.ts'
import { addressEnd, type NativeAddon, type NativePort } from './addon-types.ts'
import { type BatchHost, BatchReader } from './batch-reader.ts'
import { counterIndex } from './batch-table.ts'
import { errnoName } from './errno-name.ts'
import { NativeConnection } from './native-connection.ts'
import { boundEndpoint, nativeAddress } from './native-endpoints.ts'
import { receiveBuffers } from './native-limits.ts'
import { type ListenerHost, NativeListener } from './native-listener.ts'
import { openNativePort } from './open-native-port.ts'
import { ProcessHold } from './process-hold.ts'
import { SendArena } from './send-arena.ts'
import { TurnLoop, type TurnWork } from './turn-loop.ts'

export class NativeDriver implements Driver, BatchHost, ListenerHost, TurnWork {
  readonly backend: BackendName
  readonly native: NativePort
  readonly arena: SendArena
  readonly notSentLowBytes: number
  timers = 0
  readonly #loop: TurnLoop
  readonly #batch: BatchReader
  readonly #hold: ProcessHold
  readonly #counts: Int32Array
  #withHeldBytes: NativeConnection[] = []
  #closed = false

  constructor(addon: NativeAddon, backend: BackendName, options: CompletePortOptions) {
    const { receiveBufferBytes, notSentLowBytes } = options
    this.backend = backend
    this.notSentLowBytes = notSentLowBytes
    const buffers = receiveBuffers(receiveBufferBytes)
    const received = receiveMemory(buffers * receiveBufferBytes)
    const make = () => openNativePort(addon, backend, options, received.buffer, new WeakRef(this))
    // Wakes come in the async context in which the addon got its function: the empty one.
    this.native = emptyContext.runInAsyncScope(make)
    this.arena = new SendArena(this.native)
    this.#loop = new TurnLoop(this)
    this.#hold = new ProcessHold(this.native, this)
    this.#batch = new BatchReader(this, received)
    this.#counts = new Int32Array(this.native.counters)
  }

  get counters(): CompletionPortCounters {
    const counts = this.#counts
    return {
      listeners: counts[counterIndex.listeners]!,
      connections: counts[counterIndex.connections]!,
      operationsInFlight: counts[counterIndex.operationsInFlight]!,
      buffersInUse: counts[counterIndex.buffersInUse]!,
      handles: counts[counterIndex.handles]!,
      timers: this.timers,
    }
  }

  get holdsProcess(): boolean {
    return this.#hold.holdsProcess
  }

  async listen(
    endpoint: Endpoint,
    options: ListenOptions,
    events: ListenerEvents,
    bindPath?: string,
  ): Promise<DriverListener> {
    const at: Endpoint = bindPath === undefined ? endpoint : { kind: 'unix', path: bindPath }
    const [kind, text, port] = nativeAddress(at)
    const [status, slot, generation] = this.native.listen(
      kind,
      text,
      port,
      options.noDelay ?? true,
      options.keepAliveIdleMs ?? 0,
      this.notSentLowBytes,
      options.backlog ?? limits.backlog.default,
      options.reusePort ?? false,
      options.ipv6Only ?? false,
    )
    if (status !== 0) throw IocpError.fromErrno(errnoName(status), 'listen', endpointUrl(endpoint))
    const bound = boundEndpoint(this.native.address(slot, generation, addressEnd.listener), endpoint)
    const listener = new NativeListener(this, slot, generation, bound, events)
    this.#batch.addListener(listener)
    return listener
  }

  connect(endpoint: Endpoint, options: ConnectOptions, signal: AbortSignal): Promise<DriverConnection> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const [kind, text, port] = nativeAddress(endpoint)
      const [status, slot, generation] = this.native.connect(
        kind,
        text,
        port,
        options.noDelay ?? true,
        options.keepAliveIdleMs ?? 0,
        this.notSentLowBytes,
      )
      if (status !== 0) throw IocpError.fromErrno(errnoName(status), 'connect', endpointUrl(endpoint))
      const connection = new NativeConnection(this, slot, generation, endpoint)
      this.#batch.addConnect(connection, { endpoint, signal, resolve, reject })
    })
  }

  ref(): void {
    this.#hold.ref()
  }

  unref(): void {
    this.#hold.unref()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.native.close()
    this.#hold.end()
  }

  /** The worker saw completions. */
  wake(): void {
    this.#loop.wake()
  }

  schedule(): void {
    this.#loop.schedule()
  }

  deliverHeld(connection: NativeConnection): void {
    this.#withHeldBytes.push(connection)
    this.schedule()
  }

  opened(): void {
    this.#hold.opened()
    // The system may not have received what was submitted. Also, the first turn is followed by the first sleep: from then on
    // every turn that finds nothing requests the next wake.
    this.schedule()
  }

  holdChanged(holds: boolean): void {
    if (holds) this.#hold.connectionRef()
    else this.#hold.connectionUnref()
  }

  closedOne(): void {
    this.#hold.closed()
  }

  arm(): boolean {
    return this.#closed || this.native.arm()
  }

  wakeNow(): void {
    this.native.wakeNow()
  }

  turn(): boolean {
    if (this.#closed) return false
    if (this.#withHeldBytes.length > 0) this.#deliverHeldBytes()
    // Bytes that were sent between two turns leave first: this gather may already have the answers to them.
    const sent = !this.arena.isEmpty
    if (sent) this.arena.flush(false)
    const count = this.native.gather()
    this.#batch.deliver(count)
    if (count > 0) this.arena.flush(true)
    this.arena.tellProgress()
    return count > 0 || sent
  }

  #deliverHeldBytes(): void {
    const connections = this.#withHeldBytes
    this.#withHeldBytes = []
    for (const connection of connections) {
      try {
        connection.deliverHeld()
      } catch (error) {
        reportUncaught(error)
        this.deliverHeld(connection)
      }
    }
  }
}
