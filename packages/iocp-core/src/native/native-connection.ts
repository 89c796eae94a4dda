import { type DriverConnection, type DriverEvents, sendRefused } from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import type { NativePort } from './addon-types.ts'
import { errnoName } from './errno-name.ts'
import type { SendArena } from './send-arena.ts'

/** A send of this size goes to the kernel at once, from the caller's own bytes: copying would cost more than the call. */
const directBytesMin = 64 * 1024

/** Copies of bytes that arrived without being requested, in order, and whether the peer's end followed them. */
interface HeldBytes {
  readonly pieces: Uint8Array[]
  /** The number of them that were delivered. */
  told: number
  ended: boolean
}

/** The members of its driver that a connection uses. */
export interface ConnectionHost {
  readonly native: NativePort
  readonly arena: SendArena
  /** An open connection begins or ceases to keep the process alive. */
  holdChanged(holds: boolean): void
  /** A turn is needed that no wake announces. */
  schedule(): void
  /** The connection has held bytes, to be delivered in the next turn. */
  deliverHeld(connection: NativeConnection): void
}

/**
 * What happens to bytes that arrive. `stopped`: nothing is requested, and nothing is held. `receiving`: a receive
 * is submitted. `holding`: stopped, but bytes arrived all the same: those of the current batch, and those that the kernel
 * delivered before the stop. `delivering`: started again; the held bytes come first, in the next turn. `ended`: the
 * peer's end was reported. `closing`: the addon was asked to close. `closed`: it has closed.
 */
export type ConnectionState =
  | 'stopped'
  | 'receiving'
  | 'holding'
  | 'delivering'
  | 'ended'
  | 'closing'
  | 'closed'

/** A connection may break in every state: then the addon closes it, and `closed` comes without `closing`. */
export const connectionMoves: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  stopped: ['receiving', 'holding', 'ended', 'closing', 'closed'],
  receiving: ['stopped', 'ended', 'closing', 'closed'],
  holding: ['delivering', 'closing', 'closed'],
  delivering: ['holding', 'receiving', 'ended', 'closing', 'closed'],
  ended: ['closing', 'closed'],
  closing: ['closed'],
  closed: [],
}

export class NativeConnection implements DriverConnection {
  readonly slot: number
  readonly generation: number
  readonly #host: ConnectionHost
  localEndpoint: Endpoint
  remoteEndpoint: Endpoint
  declare events: DriverEvents
  /** Bytes that the addon owns. */
  ownedBytes = 0
  /** Bytes in the arena that are not handed over yet. */
  stagedBytes = 0
  sentInTurn = -1
  /** Whether the arena has it in its list of connections to notify. */
  progressNoted = false
  /** The system refused a send. */
  broken = false
  /** Whether it keeps the process alive while it is open. */
  isReferenced = true
  #state: ConnectionState = 'stopped'
  /** Set only while `holding` or `delivering`. */
  #held: HeldBytes | undefined

  constructor(host: ConnectionHost, slot: number, generation: number, endpoint: Endpoint) {
    this.#host = host
    this.slot = slot
    this.generation = generation
    this.localEndpoint = endpoint
    this.remoteEndpoint = endpoint
  }

  get state(): ConnectionState {
    return this.#state
  }

  receiveStart(): void {
    if (this.#state === 'stopped') {
      this.#move('receiving')
      this.#submitReceive()
    } else if (this.#state === 'holding') {
      this.#move('delivering')
      this.#host.deliverHeld(this)
    }
  }

  receiveStop(): void {
    if (this.#state === 'delivering') {
      this.#move('holding')
    } else if (this.#state === 'receiving') {
      this.#move('stopped')
      this.#host.native.receiveStop(this.slot, this.generation)
      this.#host.schedule()
    }
  }

  send(parts: readonly Uint8Array[], bytes: number): number {
    if (this.#isClosing || this.broken) return sendRefused
    if (bytes < directBytesMin) {
      this.#host.arena.append(this, parts, bytes)
      this.#host.schedule()
      // They may have left with the first half of the turn's sends, and the system may have refused them.
      if (this.broken) return sendRefused
    } else {
      // Keeps the order: earlier sends leave first.
      if (this.stagedBytes > 0) this.#host.arena.flush(false)
      const owned = this.#host.native.send(this.slot, this.generation, parts)
      // Broken: the addon is closing it already, and `closed` follows. Queued: the system may not have taken it. Taken: the
      // answers of a ring were read while the port slept, and no wake announces the other completions.
      this.#host.schedule()
      if (owned < 0) return this.#sendRefused()
      this.ownedBytes = owned
    }
    return this.ownedBytes + this.stagedBytes
  }

  offer(): number {
    if (this.stagedBytes > 0) this.#host.arena.flush(false)
    return this.broken ? sendRefused : this.ownedBytes
  }

  #sendRefused(): number {
    this.broken = true
    return sendRefused
  }

  shutdown(): void {
    if (this.#isClosing) return
    if (this.stagedBytes > 0) this.#host.arena.flush(false)
    this.#host.native.shutdown(this.slot, this.generation)
    this.#host.schedule()
  }

  close(reset: boolean): void {
    if (this.#isClosing) return
    if (this.stagedBytes > 0 && !reset) this.#host.arena.flush(false)
    this.#move('closing')
    this.#host.native.closeConnection(this.slot, this.generation, reset)
    this.#host.schedule()
  }

  ref(): void {
    this.#reference(true)
  }

  unref(): void {
    this.#reference(false)
  }

  #reference(referenced: boolean): void {
    if (this.isReferenced === referenced || this.#state === 'closed') return
    this.isReferenced = referenced
    this.#host.holdChanged(referenced)
  }

  /** `bytes` are lent until the call returns. */
  received(bytes: Uint8Array): void {
    if (this.#state === 'receiving') {
      this.events.received(bytes)
    } else if (this.#held !== undefined) {
      // A back end may return several pieces in one batch: none of them overtakes those that are held.
      this.#held.pieces.push(bytes.slice())
    } else if (this.#state === 'stopped') {
      this.#move('holding')
      this.#held = { pieces: [bytes.slice()], told: 0, ended: false }
    }
  }

  receivedEnd(): void {
    if (this.#held !== undefined) this.#held.ended = true
    else if (this.#state === 'stopped' || this.#state === 'receiving') this.#end()
  }

  /** Called in a turn, before its gather. The held pieces are delivered one by one: held bytes are copied only once. */
  deliverHeld(): void {
    if (this.#state !== 'delivering' || this.#held === undefined) return
    const held = this.#held
    // A callback may stop it: the rest is delivered after the next start.
    while (held.told < held.pieces.length) {
      this.events.received(held.pieces[held.told++]!)
      if (this.#state !== 'delivering') return
    }
    if (held.ended) {
      this.#end()
    } else {
      this.#move('receiving')
      this.#submitReceive()
    }
  }

  tellProgress(): void {
    // No byte of a broken connection has left, and its `closed` follows.
    if (!this.broken && this.#state !== 'closed') this.events.sendProgress(this.ownedBytes + this.stagedBytes)
  }

  closed(status: number): void {
    this.#move('closed')
    this.events.closed(status === 0 ? undefined : brokenBy(errnoName(status)))
  }

  get #isClosing(): boolean {
    return this.#state === 'closing' || this.#state === 'closed'
  }

  #submitReceive(): void {
    if (this.#host.native.receiveStart(this.slot, this.generation)) this.#host.schedule()
  }

  #end(): void {
    this.#move('ended')
    this.events.receivedEnd()
  }

  #move(to: ConnectionState): void {
    if (!connectionMoves[this.#state].includes(to)) {
      throw new Error(
        `connection ${this.slot} of generation ${this.generation} moved from ${this.#state} to ${to}`,
      )
    }
    this.#state = to
    if (to !== 'holding' && to !== 'delivering') this.#held = undefined
  }
}

function brokenBy(systemCode: string): IocpError {
  return IocpError.fromErrno(systemCode, systemCode === 'EPIPE' ? 'send' : 'receive')
}
