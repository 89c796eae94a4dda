import type { OfferEnd, TakerEnd } from '../../file-contract.ts'
import { limits } from '../../limits.ts'

/** Why a taker gets no more of a file: its own end, or that of the offer. */
export type TakerReason = { readonly taker: TakerEnd } | { readonly offer: OfferEnd }

/**
 * One member who takes a file. It holds at most one window of bytes that the member has not read yet. All takers of a
 * file share the objects of the pieces.
 */
export class Taker {
  readonly name: string
  readonly #nowMs: () => number
  /** Called when the taker has read a piece. */
  readonly #taken: () => void
  readonly #chunks: Uint8Array[] = []
  #hasAll = false
  #stop: TakerReason | undefined
  #wake: (() => void) | undefined
  #takenBytes = 0
  /** How long the others have waited for this taker since it last took a whole window, without the current wait. */
  #waitedMs = 0
  #waitingSinceMs: number | undefined

  constructor(name: string, nowMs: () => number, taken: () => void) {
    this.name = name
    this.#nowMs = nowMs
    this.#taken = taken
  }

  /** How much longer the others wait for this taker. At 0, it is too slow. */
  get patienceMs(): number {
    const sinceMs = this.#waitingSinceMs ?? this.#nowMs()
    return Math.max(0, limits.fileStallMs - this.#waitedMs - (this.#nowMs() - sinceMs))
  }

  /** The others start to wait for this taker. */
  waitBegins(): void {
    this.#waitingSinceMs = this.#nowMs()
  }

  waitEnds(): void {
    this.#waitedMs += this.#nowMs() - (this.#waitingSinceMs ?? this.#nowMs())
    this.#waitingSinceMs = undefined
  }

  /** Bytes that were sent and that this taker has not read. */
  get waitingBytes(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, 0)
  }

  get hasRoom(): boolean {
    return this.waitingBytes < limits.fileWindowBytes
  }

  get isOver(): boolean {
    return this.#stop !== undefined
  }

  /** This taker has read every byte. Its receipt is not known yet. */
  get hasAll(): boolean {
    return this.#hasAll && this.#chunks.length === 0
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#wake?.()
  }

  /** There is no more to push. */
  complete(): void {
    this.#hasAll = true
    this.#wake?.()
  }

  /** Stops the taker and drops the waiting bytes. Only the first reason counts: returns false for a later one. */
  stop(why: TakerReason): boolean {
    if (this.#stop !== undefined) return false
    this.#stop = why
    this.#chunks.length = 0
    this.#wake?.()
    return true
  }

  /** The bytes of the file as they are taken. Returns why there are no more, or undefined at their end. */
  async *chunks(): AsyncGenerator<Uint8Array, TakerReason | undefined, undefined> {
    for (;;) {
      if (this.#stop !== undefined) return this.#stop
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        this.#took(chunk.length)
        yield chunk
      } else if (this.#hasAll) return undefined
      else await this.#change()
    }
  }

  /** Settles when it is over, with the reason. */
  async stopped(): Promise<TakerReason> {
    while (this.#stop === undefined) await this.#change()
    return this.#stop
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #took(bytes: number): void {
    this.#takenBytes += bytes
    if (this.#takenBytes >= limits.fileWindowBytes) {
      this.#takenBytes = 0
      this.#waitedMs = 0
      if (this.#waitingSinceMs !== undefined) this.#waitingSinceMs = this.#nowMs()
    }
    this.#taken()
  }
}
