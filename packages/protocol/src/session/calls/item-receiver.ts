import type { Credit, ItemEnvelope } from '../../envelope/session-envelopes.ts'
import type { WindowRoom } from '../../growing-window.ts'
import { violation } from '../common/session-fault.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { startedWanted } from './call-extensions.ts'

const creditMax = Number.MAX_SAFE_INTEGER

/** Items up to this length are decoded on arrival, because their decoded size does not matter. */
export const shortItemBytes = 4096

/**
 * Receives the items of one call, in either direction of a call: in order, and no more than granted. The peer may begin
 * an item while the items and bytes left are above 0, so it exceeds its credit by at most one body.
 */
export class ItemReceiver implements WindowRoom {
  readonly #core: SessionCore
  readonly #callId: number
  #items: number
  #bytes: number
  #nextSequence = 0
  #isStarted = false
  /** The memory by which its window has grown. */
  #grownBytes = 0
  #hasEnded = false

  constructor(core: SessionCore, callId: number, credit: Credit) {
    this.#core = core
    this.#callId = callId
    this.#items = credit.items
    this.#bytes = credit.bytes
  }

  /** The credit that the peer has left. */
  get credit(): Credit {
    return { items: this.#items, bytes: this.#bytes }
  }

  /** The callee reports that its handler has begun. @throws SessionFault if it is repeated, or follows an item */
  started(): void {
    if (this.#isStarted || this.#nextSequence > 0)
      throw violation(`a started of call ${this.#callId} came twice, or after an item`)
    this.#isStarted = true
  }

  /**
   * Asks for the `started` envelope of a sent call. A credit must grant something, so it grants one byte more.
   *
   * @returns whether the callee has already sent it
   */
  askStarted(): boolean {
    if (this.#isStarted || this.#nextSequence > 0) return this.#isStarted
    this.#bytes = Math.min(this.#bytes + 1, creditMax)
    const envelope = {
      kind: 'credit',
      callId: this.#callId,
      items: 0,
      bytes: 1,
      extensions: startedWanted,
    } as const
    this.#core.writer.send(envelope, 'own')
    return false
  }

  /** An item begins. @throws SessionFault if it is not the next one, or was not granted */
  begin({ sequence }: ItemEnvelope): void {
    if (sequence !== this.#nextSequence) {
      throw violation(`item ${sequence} of call ${this.#callId} came instead of ${this.#nextSequence}`)
    }
    if (this.#items === 0 || this.#bytes <= 0)
      throw violation(`item ${sequence} of call ${this.#callId} came without credit`)
    this.#nextSequence += 1
    this.#items -= 1
  }

  /** Counts a complete item. */
  charge(bytes: number): void {
    this.#bytes -= bytes
  }

  mayGrow(bytes: number): boolean {
    return !this.#hasEnded && this.#core.memory.mayGrow(bytes)
  }

  grow(bytes: number): void {
    if (this.#hasEnded) return
    this.#grownBytes += bytes
    this.#core.memory.addGrown(bytes)
  }

  /** Accepts no more items: the memory by which its window has grown is free for others. */
  end(): void {
    this.#hasEnded = true
    this.#core.memory.addGrown(-this.#grownBytes)
    this.#grownBytes = 0
  }

  /** @param tell false while the peer does not know the call, and will receive the credit with it */
  grant(credit: Credit, tell: boolean): void {
    const items = grantable(credit.items, this.#items)
    const bytes = grantable(credit.bytes, this.#bytes)
    if (items === 0 && bytes === 0) return
    this.#items += items
    this.#bytes += bytes
    if (tell) this.#core.writer.send({ kind: 'credit', callId: this.#callId, items, bytes }, 'own')
  }
}

/** Returns as much of a grant as the counter of the peer can hold; nothing of an invalid number. */
function grantable(given: number, held: number): number {
  return Number.isSafeInteger(given) && given > 0 ? Math.min(given, creditMax - Math.max(held, 0)) : 0
}
