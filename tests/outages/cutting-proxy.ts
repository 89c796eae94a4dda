import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Cut, Direction } from './cut-plan.ts'
import { FrameMeter, type SeenFrame } from './frame-meter.ts'

/** The kind and flags of an envelope, from docs/wire-protocol.md. */
const hello = { kind: 0x40, resumes: 1 << 4 }

/** A cut of an open connection happens within this many bytes: a few envelopes. */
const openBytes = 1_500

/** A cut of a resumed session happens within the first bytes after the handshake. */
const resumingBytes = 600

/** A cut that was made. */
export interface MadeCut extends Cut {
  /** The bytes of the direction that passed. */
  readonly bytes: number
  /** Whether they ended inside a frame. */
  readonly isInsideFrame: boolean
}

interface Side {
  readonly from: Socket
  readonly to: Socket
  readonly meter: FrameMeter
  first: SeenFrame | undefined
  /** The newest frame, and all frames of the last chunk. */
  frames: SeenFrame[]
}

/**
 * A proxy between clients and a server, which cuts their connections according to a plan. All cuts are at a byte:
 * earlier bytes pass, and later ones do not.
 */
export class CuttingProxy {
  readonly made: MadeCut[] = []
  readonly #server: Server
  readonly #targetPort: () => number
  readonly #plan: Cut[]
  readonly #ways = new Set<ProxiedConnection>()
  /** Whether the next cut of an open connection may be made. */
  #mayCut = false
  #onCut: (() => void) | undefined

  /** @param targetPort called for each connection, because a restarted server may have another port */
  constructor(plan: readonly Cut[], targetPort: () => number) {
    this.#plan = [...plan]
    this.#targetPort = targetPort
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#ways.add(new ProxiedConnection(socket, this.#targetPort(), this))
    })
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The cut that is due on a connection. */
  get next(): Cut | undefined {
    const [cut] = this.#plan
    return cut?.stage === 'open' && !this.#mayCut ? undefined : cut
  }

  /**
   * Allows the next cut of an open connection. @returns when it and all following cuts of other stages have been made
   */
  cutNext(): Promise<void> {
    this.#mayCut = true
    return new Promise((resolve) => {
      this.#onCut = resolve
      this.#tellIfDone()
    })
  }

  cutMade(cut: MadeCut): void {
    this.made.push(cut)
    this.#plan.shift()
    this.#mayCut = false
    this.#tellIfDone()
  }

  gone(connection: ProxiedConnection): void {
    this.#ways.delete(connection)
  }

  async close(): Promise<void> {
    for (const way of this.#ways) way.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #tellIfDone(): void {
    const [next] = this.#plan
    if (this.#mayCut || (next !== undefined && next.stage !== 'open')) return
    this.#onCut?.()
    this.#onCut = undefined
  }
}

class ProxiedConnection {
  readonly #proxy: CuttingProxy
  readonly #sides: Readonly<Record<Direction, Side>>
  /** The cut for this connection, and the byte of its direction. */
  #cut: { readonly cut: Cut; readonly atByte: number } | undefined
  #isCut = false

  constructor(client: Socket, port: number, proxy: CuttingProxy) {
    this.#proxy = proxy
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const side = (from: Socket, to: Socket): Side => ({
      from,
      to,
      meter: new FrameMeter(),
      first: undefined,
      frames: [],
    })
    this.#sides = { up: side(client, server), down: side(server, client) }
    for (const direction of ['up', 'down'] as const) this.#watch(direction)
  }

  destroy(): void {
    this.#sides.up.from.destroy()
    this.#sides.down.from.destroy()
  }

  #watch(direction: Direction): void {
    const side = this.#sides[direction]
    const { from, to } = side
    from.setNoDelay(true)
    from.on('data', (chunk) => this.#data(direction, chunk))
    from.on('end', () => {
      if (!this.#isCut) to.end()
    })
    from.on('error', () => undefined)
    from.on('close', () => {
      if (!this.#isCut) to.destroy()
      // On a silent connection, neither side learns that the other has left.
      if (this.#sides.up.from.closed && this.#sides.down.from.closed) this.#proxy.gone(this)
    })
  }

  #data(direction: Direction, chunk: Buffer): void {
    if (this.#isCut) return
    const side = this.#sides[direction]
    const before = side.meter.bytes
    side.frames = [...side.frames.slice(-1), ...side.meter.take(chunk)]
    side.first ??= side.frames[0]
    this.#cut ??= this.#drawn(direction, before)
    const due = this.#cut
    if (due === undefined || due.cut.direction !== direction || due.atByte > before + chunk.length) {
      side.to.write(chunk)
      return
    }
    if (this.#proxy.next !== due.cut) {
      // Another connection was cut instead.
      this.#cut = undefined
      side.to.write(chunk)
      return
    }
    this.#make(due.cut, side, chunk.subarray(0, Math.max(0, due.atByte - before)), due.atByte)
  }

  /** @param from the number of earlier bytes in this direction */
  #drawn(direction: Direction, from: number): { readonly cut: Cut; readonly atByte: number } | undefined {
    const cut = this.#proxy.next
    if (cut === undefined || cut.direction !== direction) return undefined
    const { first, meter } = this.#sides[direction]
    if (first === undefined) return undefined
    const within = (begin: number, bytes: number) => ({
      cut,
      atByte: begin + 1 + Math.floor(cut.at * (bytes - 1)),
    })
    const isOpen = this.#sides.up.first !== undefined && this.#sides.down.first !== undefined
    if (cut.stage === 'handshake')
      return from > first.beginsAt ? undefined : within(first.beginsAt, first.endsAt)
    if (cut.stage === 'resuming')
      return this.#resumes && isOpen ? within(Math.max(from, first.endsAt), resumingBytes) : undefined
    return isOpen ? within(Math.max(from, first.endsAt, meter.bytes), openBytes) : undefined
  }

  get #resumes(): boolean {
    const { first } = this.#sides.up
    return first?.kind === hello.kind && (first.flags & hello.resumes) !== 0
  }

  #make(cut: Cut, side: Side, last: Buffer, bytes: number): void {
    this.#isCut = true
    const { up, down } = this.#sides
    const isInsideFrame = side.frames.some(({ beginsAt, endsAt }) => bytes > beginsAt && bytes < endsAt)
    const end = () => {
      if (cut.way === 'end') for (const { from } of [up, down]) from.end()
      if (cut.way === 'reset') for (const { from } of [up, down]) from.resetAndDestroy()
    }
    side.to.write(last, end)
    this.#proxy.cutMade({ ...cut, bytes, isInsideFrame })
  }
}
