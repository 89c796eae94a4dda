import { inMicrotask } from '@frameport/framing/checks'
import { MemoryEnd } from '../memory-stream.ts'
import type { SimProcess } from './sim-process.ts'
import type { SimKill } from './sim-types.ts'
import type { SimWire } from './sim-wire.ts'

/**
 * One end of a connection between hosts: the stream of a process, and the behaviour of its kernel when the process is
 * gone.
 */
export class SimStream extends MemoryEnd {
  declare peer: SimStream
  readonly process: SimProcess
  readonly #outgoing: SimWire
  readonly #incoming: SimWire
  readonly #closed: () => void
  #killedWith: SimKill | undefined
  #resetComes = false

  /** @param closed called each time that a part of this end is finished */
  constructor(
    process: SimProcess,
    outgoing: SimWire,
    incoming: SimWire,
    random: () => number,
    closed: () => void,
  ) {
    // A kernel delivers arrived bytes in one chunk or in several.
    super(outgoing, incoming, process.streams, (segmentBytes, arrivedBytes) =>
      random() < 0.5 ? segmentBytes : arrivedBytes,
    )
    this.process = process
    this.#outgoing = outgoing
    this.#incoming = incoming
    this.#closed = closed
  }

  override drained(): Promise<void> {
    return this.process.isDead ? new Promise(() => undefined) : super.drained()
  }

  /** Called when the process is gone, or the machine with its kernel. */
  die(tells: SimKill): void {
    const wasOpen = this.state === 'open'
    this.#killedWith = tells
    this.vanish()
    // Data of an orderly close still arrives, unless the sending machine has lost its power.
    if (tells === 'nothing' || (wasOpen && tells === 'reset')) this.lost(this.#outgoing.abandon())
    if (wasOpen && tells === 'reset') this.#outgoing.later(() => this.peer.resetByPeer())
    if (wasOpen && tells === 'end') this.#outgoing.later(() => this.peer.endedByPeer())
    this.#closed()
  }

  /** Called when data that this end sent was lost in transit. */
  override lost(bytes: number): void {
    super.lost(bytes)
  }

  /** Data that this end sends is answered with a reset, once. */
  resetComes(): void {
    if (this.#resetComes || this.state === 'closed') return
    this.#resetComes = true
    this.#incoming.tell(() => this.resetByPeer())
  }

  protected override onClosed(): void {
    this.#closed()
  }

  /** The other end is gone. If it aborted, its reset is already in transit. */
  protected override onReachedNobody(what: 'bytes' | 'end'): void {
    const { peer } = this
    if (peer.#killedWith === 'nothing' || (peer.#killedWith === 'end' && what === 'bytes')) this.resetComes()
  }

  protected override enterLater(callback: () => void): void {
    inMicrotask(() => void this.process.enter(callback))
  }

  protected override wake(resolve: () => void): void {
    this.process.enter(resolve)
  }
}
