import { type EnvelopeBody, noBytes } from '../../envelope/envelope-parts.ts'
import type { MoreEnvelope } from '../../envelope/session-envelopes.ts'
import { violation } from '../common/session-fault.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import type { BodyEnvelope } from './body-sender.ts'

interface Partial {
  /** Its first envelope. What that has lent is copied, or was decoded. */
  readonly envelope: BodyEnvelope
  /** Absent once it was too long: the pieces that still come are dropped. */
  pieces: Uint8Array[] | undefined
  bytes: number
}

/** What became of a piece. */
export type PieceOutcome =
  | { readonly kind: 'kept' }
  /** It was too long before; `last` when no piece of it is to come. */
  | { readonly kind: 'dropped'; readonly envelope: BodyEnvelope; readonly last: boolean }
  /** The body is whole. */
  | { readonly kind: 'whole'; readonly envelope: BodyEnvelope }
  /** It, or all of them together, are longer than this side takes. */
  | { readonly kind: 'tooLong'; readonly envelope: BodyEnvelope; readonly problem: string }

const kept: PieceOutcome = { kind: 'kept' }

/** Bodies of the peer that arrived in part. Memory follows what arrived. */
export class PartialBodies {
  readonly #limits: SessionLimits
  readonly #byCall = new Map<number, Partial>()
  #bytes = 0

  constructor(limits: SessionLimits) {
    this.#limits = limits
  }

  /** Bytes held of all of them. */
  get bytes(): number {
    return this.#bytes
  }

  has(callId: number): boolean {
    return this.#byCall.size > 0 && this.#byCall.has(callId)
  }

  /** The first piece. @throws SessionFault when another body of the call is under way */
  begin(envelope: BodyEnvelope): PieceOutcome {
    if (this.#byCall.has(envelope.callId))
      throw violation(`a ${envelope.kind} of call ${envelope.callId} inside another body of it`)
    const { encoding } = envelope.body
    const partial: Partial = {
      envelope: { ...envelope, body: { encoding, bytes: noBytes } },
      pieces: [],
      bytes: 0,
    }
    this.#byCall.set(envelope.callId, partial)
    return this.#add(partial, envelope.body, false)
  }

  /** @throws SessionFault for a piece without a beginning, or of another encoding */
  more({ callId, body, goesOn }: MoreEnvelope): PieceOutcome {
    const partial = this.#byCall.get(callId)
    if (partial === undefined) throw violation(`a piece for call ${callId}, of which no body is under way`)
    if (body.encoding !== partial.envelope.body.encoding)
      throw violation(`a piece for call ${callId} in another encoding than the first`)
    return this.#add(partial, body, goesOn !== true)
  }

  /** The half that arrived is dropped, and so are the pieces of it that still come. */
  drop(callId: number): void {
    const partial = this.#byCall.get(callId)
    if (partial === undefined) return
    this.#bytes -= partial.bytes
    this.#byCall.delete(callId)
  }

  clear(): void {
    this.#byCall.clear()
    this.#bytes = 0
  }

  #add(partial: Partial, { bytes, encoding }: EnvelopeBody, last: boolean): PieceOutcome {
    const { envelope, pieces } = partial
    if (last) this.#byCall.delete(envelope.callId)
    if (pieces === undefined) return { kind: 'dropped', envelope, last }
    const problem = this.#problem(partial, bytes.length)
    if (problem !== undefined) {
      this.#bytes -= partial.bytes
      partial.pieces = undefined
      partial.bytes = 0
      return { kind: 'tooLong', envelope, problem }
    }
    if (!last) {
      pieces.push(bytes.slice())
      partial.bytes += bytes.length
      this.#bytes += bytes.length
      return kept
    }
    this.#bytes -= partial.bytes
    const whole = joined(pieces, bytes, partial.bytes + bytes.length)
    return { kind: 'whole', envelope: { ...envelope, body: { encoding, bytes: whole }, goesOn: false } }
  }

  #problem(partial: Partial, more: number): string | undefined {
    const { bodyBytesMax, bodiesPartialBytesMax } = this.#limits
    if (partial.bytes + more > bodyBytesMax) return `is over the ${bodyBytesMax} bytes that this side takes`
    if (this.#bytes + more > bodiesPartialBytesMax)
      return `does not fit beside the other bodies under way, of which this side takes ${bodiesPartialBytesMax} bytes`
    return undefined
  }
}

function joined(pieces: readonly Uint8Array[], last: Uint8Array, length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.length
  }
  whole.set(last, offset)
  return whole
}
