import type { Endpoint } from '../endpoint/endpoint.ts'
import { lend, type ReceiveMemory } from '../memory/receive-memory.ts'
import { reportUncaught } from '../platform/report-uncaught.ts'
import { addressEnd } from './addon-types.ts'
import { recordKind, recordWord, recordWords } from './batch-table.ts'
import { type ConnectionHost, NativeConnection } from './native-connection.ts'
import { boundEndpoint, peerEndpoint } from './native-endpoints.ts'
import type { NativeListener } from './native-listener.ts'
import { type PendingConnect, PendingConnects } from './pending-connects.ts'
import { wordsToNumber } from './send-arena.ts'

/** The members of its driver that the reader of batches uses. */
export interface BatchHost extends ConnectionHost {
  /** One more listener or connection is open. */
  opened(): void
  /** One less. */
  closedOne(): void
}

/** Passes each record of a batch to the listener or the connection in its slot. */
export class BatchReader {
  readonly #host: BatchHost
  readonly #received: ReceiveMemory
  readonly #records: Int32Array
  readonly #connections: (NativeConnection | undefined)[] = []
  readonly #listeners: (NativeListener | undefined)[] = []
  readonly #connects = new PendingConnects()

  constructor(host: BatchHost, received: ReceiveMemory) {
    this.#host = host
    this.#received = received
    this.#records = new Int32Array(host.native.batch)
  }

  addListener(listener: NativeListener): void {
    this.#listeners[listener.slot] = listener
    this.#host.opened()
  }

  addConnect(connection: NativeConnection, connect: PendingConnect): void {
    this.#connections[connection.slot] = connection
    this.#connects.add(connection, connect)
    this.#host.opened()
  }

  /** The records of the last gather. */
  deliver(count: number): void {
    for (let index = 0; index < count; ) index = this.#deliver(index, count)
  }

  /** Delivers records until one throws; that error is reported to the process, and the rest of the batch continues. */
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
      // A record of a connection that was never handed out has no receiver, or a successor in its slot.
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
        this.#host.arena.progressed(connection)
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
      // Nobody needs it any longer; its `closed` record finds no connection and is ignored.
      this.#host.native.closeConnection(slot, generation, true)
      this.#host.schedule()
      return
    }
    listener.acceptedOne()
    const connection = new NativeConnection(this.#host, slot, generation, listener.endpoint)
    this.#readEndpoints(connection, listener.endpoint, peerEndpoint)
    this.#connections[slot] = connection
    this.#host.opened()
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
    this.#host.closedOne()
    if (!connection.isReferenced) this.#host.holdChanged(true)
    if (!this.#connects.failed(connection, status)) connection.closed(status)
  }

  #listenerClosed(slot: number): void {
    const listener = this.#listeners[slot]
    this.#listeners[slot] = undefined
    this.#host.closedOne()
    listener?.closed()
  }

  #readEndpoints(connection: NativeConnection, via: Endpoint, endOf: typeof peerEndpoint): void {
    const { slot, generation } = connection
    connection.localEndpoint = boundEndpoint(
      this.#host.native.address(slot, generation, addressEnd.local),
      via,
    )
    connection.remoteEndpoint = endOf(this.#host.native.address(slot, generation, addressEnd.remote), via)
  }
}
