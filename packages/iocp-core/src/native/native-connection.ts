import type { DriverConnection, DriverEvents } from '../contract/driver.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import { errnoName } from './errno-name.ts'
import type { NativePort } from './native.ts'
import type { SendArena } from './send-arena.ts'

/** From here a send goes to the kernel at once, from the caller's own bytes: copying would cost more than the call. */
const directBytesMin = 64 * 1024

/** What a connection uses of its driver. */
export interface ConnectionHost {
  readonly native: NativePort
  readonly arena: SendArena
  /** A turn is needed that no wake announces. */
  schedule(): void
  /** The connection has bytes that were held back, to be delivered in the next turn. */
  deliverHeld(connection: NativeConnection): void
}

export class NativeConnection implements DriverConnection {
  readonly slot: number
  readonly generation: number
  readonly #host: ConnectionHost
  localEndpoint: Endpoint
  remoteEndpoint: Endpoint
  declare events: DriverEvents
  /** Bytes the addon owns. */
  ownedBytes = 0
  /** Bytes in the arena, not handed over yet. */
  stagedBytes = 0
  progressNoted = false
  #receiving = false
  #closing = false
  #gone = false
  /** Bytes that came although the receiving had been stopped: those of the batch, and of the kernel until it hears. */
  #held: Uint8Array | undefined
  #heldEnd = false

  constructor(host: ConnectionHost, slot: number, generation: number, endpoint: Endpoint) {
    this.#host = host
    this.slot = slot
    this.generation = generation
    this.localEndpoint = endpoint
    this.remoteEndpoint = endpoint
  }

  receiveStart(): void {
    if (this.#receiving || this.#closing) return
    this.#receiving = true
    if (this.#held !== undefined) this.#host.deliverHeld(this)
    else this.#submitReceive()
  }

  receiveStop(): void {
    if (!this.#receiving || this.#closing) return
    this.#receiving = false
    this.#host.native.receiveStop(this.slot, this.generation)
    this.#host.schedule()
  }

  send(parts: readonly Uint8Array[], bytes: number): number {
    if (this.#closing) return this.ownedBytes + this.stagedBytes
    if (bytes < directBytesMin) {
      this.#host.arena.append(this, parts, bytes)
      this.#host.schedule()
    } else {
      // What was sent before leaves before.
      if (this.stagedBytes > 0) this.#host.arena.flush(false)
      const owned = this.#host.native.send(this.slot, this.generation, parts)
      // Broken: the addon is closing it already, and `closed` follows. Queued: the system may not have taken it.
      if (owned !== 0) this.#host.schedule()
      if (owned >= 0) this.ownedBytes = owned
    }
    return this.ownedBytes + this.stagedBytes
  }

  shutdown(): void {
    if (this.#closing) return
    if (this.stagedBytes > 0) this.#host.arena.flush(false)
    this.#host.native.shutdown(this.slot, this.generation)
    this.#host.schedule()
  }

  close(reset: boolean): void {
    if (this.#closing) return
    if (this.stagedBytes > 0 && !reset) this.#host.arena.flush(false)
    this.#closing = true
    this.#held = undefined
    this.#host.native.closeConnection(this.slot, this.generation, reset)
    this.#host.schedule()
  }

  /** `bytes` are lent for the length of the call. */
  received(bytes: Uint8Array): void {
    if (this.#closing) return
    // A back end may bring several pieces in one batch: none of them overtakes those that wait.
    if (this.#held !== undefined) this.#held = joined(this.#held, bytes)
    else if (this.#receiving) this.events.received(bytes)
    else this.#held = bytes.slice()
  }

  receivedEnd(): void {
    if (this.#closing) return
    if (this.#held === undefined) this.events.receivedEnd()
    else this.#heldEnd = true
  }

  /** In a turn, before its gather. */
  deliverHeld(): void {
    const held = this.#held
    if (held === undefined || !this.#receiving || this.#closing) return
    this.#held = undefined
    this.events.received(held)
    if (this.#closing) return
    if (this.#heldEnd) this.events.receivedEnd()
    else if (this.#receiving) this.#submitReceive()
  }

  #submitReceive(): void {
    if (this.#host.native.receiveStart(this.slot, this.generation)) this.#host.schedule()
  }

  tellProgress(): void {
    if (!this.#gone) this.events.sendProgress(this.ownedBytes + this.stagedBytes)
  }

  closed(status: number): void {
    this.#closing = true
    this.#gone = true
    this.#held = undefined
    this.events.closed(status === 0 ? undefined : brokenBy(errnoName(status)))
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}

function brokenBy(systemCode: string): IocpError {
  return IocpError.fromErrno(systemCode, systemCode === 'EPIPE' ? 'send' : 'receive')
}
