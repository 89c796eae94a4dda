import type { CallRecord } from './call-record.ts'
import type { ModelLimits } from './trace.ts'
import type { WireEnvelope } from './wire.ts'

/** A body that was received in part. */
interface HalfBody {
  readonly kind: string
  bytes: number
  /** Whether it was too long. Its further pieces then do not count. */
  isDropped: boolean
}

/** The bodies that one side has received in part, and how much of its limit they use. Counted from the wire. */
export class HalfBodies {
  readonly #limits: ModelLimits
  readonly #halves = new Map<CallRecord, HalfBody>()

  constructor(limits: ModelLimits) {
    this.#limits = limits
  }

  kindOf(call: CallRecord): string | undefined {
    return this.#halves.get(call)?.kind
  }

  /**
   * Counts an envelope that begins or continues a body.
   *
   * @returns whether the body now exceeds a limit of this side
   */
  take(call: CallRecord, { kind, bodyBytes, goesOn }: WireEnvelope): boolean {
    let half = this.#halves.get(call)
    if (half === undefined) {
      if (!goesOn) return bodyBytes > this.#limits.bodyBytesMax
      half = { kind, bytes: 0, isDropped: false }
      this.#halves.set(call, half)
    }
    if (!half.isDropped) half.bytes += bodyBytes
    const { bodyBytesMax, bodiesPartialBytesMax } = this.#limits
    const isOver = half.bytes > bodyBytesMax || this.#bytes > bodiesPartialBytesMax
    if (isOver) {
      half.isDropped = true
      half.bytes = 0
    }
    if (!goesOn) this.#halves.delete(call)
    return isOver
  }

  drop(call: CallRecord): void {
    this.#halves.delete(call)
  }

  get #bytes(): number {
    let bytes = 0
    for (const half of this.#halves.values()) bytes += half.bytes
    return bytes
  }
}
