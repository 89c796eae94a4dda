import { type DriverConnection, type DriverEvents, sendRefused } from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import type { NativePort } from './addon-types.ts'
import { errnoName } from './errno-name.ts'
import type { SendArena } from './send-arena.ts'

/** From here a send goes to the kernel at once, from the caller's own bytes: copying would cost more than the call. */
const directBytesMin = 64 * 1024

/** Copies of what came although nothing was asked for, in order, and whether the peer's end came behind it. */
interface HeldBytes {
  readonly pieces: Uint8Array[]
  /** So many of them have been delivered. */
  told: number
  ended: boolean
}

/** What a connection uses of its driver. */
export interface ConnectionHost {
  readonly native: NativePort
  readonly arena: SendArena
  /** An open connection begins or ceases to keep the process alive. */
  holdChanged(holds: boolean): void
  /** A turn is needed that no wake announces. */
  schedule(): void
  /** The connection has bytes that were held back, to be delivered in the next turn. */
  deliverHeld(connection: NativeConnection): void
}

/**
 * What becomes of bytes that arrive. `stopped`: nothing is asked for, and nothing is held back. `receiving`: a receive
 * is submitted. `holding`: stopped, and bytes came all the same: those of the batch under way, and those of the kernel
 * until it hears of the stop. `delivering`: started again; the held bytes come first, in the next turn. `ended`: the
 * peer's end has been told. `closing`: the addon has been asked to close. `closed`: it has.
 */
export type ConnectionState =
  | 'stopped'
  | 'receiving'
  | 'holding'
  | 'delivering'
  | 'ended'
  | 'closing'
  | 'closed'

/** A connection may break in every state: the addon closes it then, and `closed` comes without `closing`. */
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
  /** Bytes the addon owns. */
  ownedBytes = 0
  /** Bytes in the arena, not handed over yet. */
  stagedBytes = 0
  sentInTurn = -1
  /** The arena has it in its list of those to be told. */
  progressNoted = false
  /** The system refused a send. */
  broken = false
  /** It keeps the process alive while it is open. */
  isReferenced = true
  #state: ConnectionState = 'stopped'
  /** Only while `holding` or `delivering`. */
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
      // They may have left with the first half of the turn's, and the system may have refused them.
      if (this.broken) return sendRefused
    } else {
      // What was sent before leaves before.
      if (this.stagedBytes > 0) this.#host.arena.flush(false)
      const owned = this.#host.native.send(this.slot, this.generation, parts)
      // Broken: the addon is closing it already, and `closed` follows. Queued: the system may not have taken it. Taken: the
      // answers of a ring were read while the port slept, and what else completed meanwhile has woken nobody.
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

  /** `bytes` are lent for the length of the call. */
  received(bytes: Uint8Array): void {
    if (this.#state === 'receiving') {
      this.events.received(bytes)
    } else if (this.#held !== undefined) {
      // A back end may bring several pieces in one batch: none of them overtakes those that wait.
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

  /** In a turn, before its gather. The pieces come as they came, one by one: what was held is copied once. */
  deliverHeld(): void {
    if (this.#state !== 'delivering' || this.#held === undefined) return
    const held = this.#held
    // A callback may stop it: whatever is left comes after the next start.
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
    // Nothing of a broken one has left: its `closed` is on its way.
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
