import type { BackendName } from '../contract/backend-note.ts'
import type {
  CompletionPortCounters,
  CompletionPortOptions,
  ConnectOptions,
  ListenOptions,
} from '../contract/completion-port.ts'
import type { Driver, DriverConnection, DriverListener, ListenerEvents } from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { endpointUrl } from '../endpoint/parse-endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import { limits } from '../limits.ts'
import { lend, type ReceiveMemory, receiveMemory } from '../memory/receive-memory.ts'
import { emptyContext } from '../platform/callback-context.ts'
import { reportUncaught } from '../platform/report-uncaught.ts'
import { addressEnd, type NativeAddon, type NativePort } from './addon-types.ts'
import { counterIndex, recordKind, recordWord, recordWords } from './batch-table.ts'
import { errnoName } from './errno-name.ts'
import { type ConnectionHost, NativeConnection } from './native-connection.ts'
import { boundEndpoint, nativeAddress, peerEndpoint } from './native-endpoints.ts'
import { receiveBuffers } from './native-limits.ts'
import { type ListenerHost, NativeListener } from './native-listener.ts'
import { openNativePort } from './open-native-port.ts'
import { PendingConnects } from './pending-connects.ts'
import { SendArena, wordsToNumber } from './send-arena.ts'
import { TurnLoop, type TurnWork } from './turn-loop.ts'

/** Drivers with something open. Others are held by their users alone, and are freed when those let go. */
const driversWithWork = new Set<NativeDriver>()

export class NativeDriver implements Driver, ConnectionHost, ListenerHost, TurnWork {
  readonly backend: BackendName
  readonly native: NativePort
  readonly arena: SendArena
  timers = 0
  readonly #loop: TurnLoop
  readonly #received: ReceiveMemory
  readonly #records: Int32Array
  readonly #counts: Int32Array
  readonly #connections: (NativeConnection | undefined)[] = []
  readonly #listeners: (NativeListener | undefined)[] = []
  readonly #connects = new PendingConnects()
  #withHeldBytes: NativeConnection[] = []
  #open = 0
  #referenced = true
  #closed = false

  constructor(addon: NativeAddon, backend: BackendName, options: Required<CompletionPortOptions>) {
    const { receiveBufferBytes } = options
    this.backend = backend
    const buffers = receiveBuffers(receiveBufferBytes)
    this.#received = receiveMemory(buffers * receiveBufferBytes)
    const make = () => openNativePort(addon, backend, options, this.#received.buffer, new WeakRef(this))
    // Wakes come in the async context in which the addon was given its function: that of nobody.
    this.native = emptyContext.runInAsyncScope(make)
    this.arena = new SendArena(this.native)
    this.#loop = new TurnLoop(this)
    this.#records = new Int32Array(this.native.batch)
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
    return this.#referenced && this.#open > 0
  }

  async listen(endpoint: Endpoint, options: ListenOptions, events: ListenerEvents): Promise<DriverListener> {
    const [kind, text, port] = nativeAddress(endpoint)
    const [status, slot, generation] = this.native.listen(
      kind,
      text,
      port,
      options.noDelay ?? true,
      options.keepAliveIdleMs ?? 0,
      options.backlog ?? limits.backlog.default,
      options.reusePort ?? false,
      options.ipv6Only ?? false,
    )
    if (status !== 0) throw IocpError.fromErrno(errnoName(status), 'listen', endpointUrl(endpoint))
    const bound = boundEndpoint(this.native.address(slot, generation, addressEnd.listener), endpoint)
    const listener = new NativeListener(this, slot, generation, bound, events)
    this.#listeners[slot] = listener
    this.#opened()
    return listener
  }

  connect(endpoint: Endpoint, options: ConnectOptions, signal: AbortSignal): Promise<DriverConnection> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const [kind, text, port] = nativeAddress(endpoint)
      const keepAliveIdleMs = options.keepAliveIdleMs ?? 0
      const noDelay = options.noDelay ?? true
      const [status, slot, generation] = this.native.connect(kind, text, port, noDelay, keepAliveIdleMs)
      if (status !== 0) throw IocpError.fromErrno(errnoName(status), 'connect', endpointUrl(endpoint))
      const connection = new NativeConnection(this, slot, generation, endpoint)
      this.#connections[slot] = connection
      this.#connects.add(connection, { endpoint, signal, resolve, reject })
      this.#opened()
    })
  }

  ref(): void {
    this.#referenced = true
    this.#updateHold()
  }

  unref(): void {
    this.#referenced = false
    this.#updateHold()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.native.close()
    driversWithWork.delete(this)
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

  arm(): boolean {
    return this.#closed || this.native.arm()
  }

  wakeNow(): void {
    this.native.wakeNow()
  }

  turn(): boolean {
    if (this.#closed) return false
    if (this.#withHeldBytes.length > 0) this.#deliverHeldBytes()
    // What was sent between two turns leaves first: its answers may be in this very gather.
    const sent = !this.arena.isEmpty
    if (sent) this.arena.flush(false)
    const count = this.native.gather()
    for (let index = 0; index < count; ) index = this.#deliver(index, count)
    if (count > 0) this.arena.flush(true)
    this.arena.tellProgress()
    return count > 0 || sent
  }

  /** Delivers records until one throws; that error goes to the process and the rest of the batch goes on. */
  #deliver(from: number, count: number): number {
    let index = from
    try {
      while (index < count) this.#take(index++ * recordWords)
    } catch (error) {
      reportUncaught(error)
    }
    return index
  }

  #take(at: number): void {
    const records = this.#records
    const kind = records[at + recordWord.kind]!
    const slot = records[at + recordWord.slot]!
    const generation = records[at + recordWord.generation]!
    const status = records[at + recordWord.status]!
    if (kind === recordKind.accepted) {
      this.#accepted(slot, generation, this.#listeners[records[at + recordWord.listenerSlot]!])
    } else if (kind === recordKind.acceptFailed) {
      this.#listeners[slot]?.acceptFailed(status, records[at + recordWord.acceptingEnded] === 1)
    } else if (kind === recordKind.listenerClosed) {
      this.#listenerClosed(slot)
    } else {
      const connection = this.#connections[slot]
      // A record of a connection that was never handed out finds nobody, or a successor in its slot.
      if (connection?.generation === generation) this.#takeOf(connection, kind, at)
    }
  }

  #takeOf(connection: NativeConnection, kind: number, at: number): void {
    const records = this.#records
    switch (kind) {
      case recordKind.received:
        connection.received(
          lend(this.#received, records[at + recordWord.offset]!, records[at + recordWord.length]!),
        )
        break
      case recordKind.receiveEnd:
        connection.receivedEnd()
        break
      case recordKind.sendProgress:
        connection.ownedBytes = wordsToNumber(
          records[at + recordWord.queuedLow]!,
          records[at + recordWord.queuedHigh]!,
        )
        this.arena.progressed(connection)
        break
      case recordKind.connected:
        this.#connected(connection)
        break
      case recordKind.closed:
      case recordKind.connectFailed:
        this.#gone(connection, records[at + recordWord.status]!)
        break
    }
  }

  #accepted(slot: number, generation: number, listener: NativeListener | undefined): void {
    if (listener === undefined || listener.isClosing) {
      // Nobody wants it any more; its `closed` record finds no connection and is ignored.
      this.native.closeConnection(slot, generation, true)
      this.schedule()
      return
    }
    listener.acceptedOne()
    const connection = new NativeConnection(this, slot, generation, listener.endpoint)
    this.#readEndpoints(connection, listener.endpoint, peerEndpoint)
    this.#connections[slot] = connection
    this.#opened()
    listener.events.accepted(connection)
  }

  #connected(connection: NativeConnection): void {
    const connect = this.#connects.take(connection)
    if (connect === undefined) return
    this.#readEndpoints(connection, connect.endpoint, boundEndpoint)
    connect.resolve(connection)
  }

  #gone(connection: NativeConnection, status: number): void {
    this.#connections[connection.slot] = undefined
    this.#closedOne()
    if (!this.#connects.failed(connection, status)) connection.closed(status)
  }

  #listenerClosed(slot: number): void {
    const listener = this.#listeners[slot]
    this.#listeners[slot] = undefined
    this.#closedOne()
    listener?.closed()
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

  #readEndpoints(connection: NativeConnection, via: Endpoint, endOf: typeof peerEndpoint): void {
    const { slot, generation } = connection
    connection.localEndpoint = boundEndpoint(this.native.address(slot, generation, addressEnd.local), via)
    connection.remoteEndpoint = endOf(this.native.address(slot, generation, addressEnd.remote), via)
  }

  #opened(): void {
    this.#open++
    if (this.#open === 1) {
      driversWithWork.add(this)
      this.#updateHold()
    }
    // What was submitted may not have reached the system. And after the first turn comes the first sleep: from there on
    // every turn that finds nothing asks for the next wake.
    this.schedule()
  }

  #closedOne(): void {
    this.#open--
    if (this.#open > 0) return
    driversWithWork.delete(this)
    this.#updateHold()
  }

  #updateHold(): void {
    if (this.#closed) return
    if (this.holdsProcess) this.native.ref()
    else this.native.unref()
  }
}
