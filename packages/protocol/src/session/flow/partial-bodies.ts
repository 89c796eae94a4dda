import { RareMap } from '@frameport/framing/checks'
import { type EnvelopeBody, noBytes } from '../../envelope/envelope-parts.ts'
import type { MoreEnvelope } from '../../envelope/session-envelopes.ts'
import type { RpcError } from '../../rpc-error.ts'
import { violation } from '../common/session-fault.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import type { BodyEnvelope } from './body-sender.ts'

/** The memory of the session that they are counted with. */
export interface PartialMemory {
  /** The reason to refuse this many more bytes; undefined if they fit. */
  refusalOf(bytes: number): RpcError | undefined
  /** This many bytes arrived and are kept. */
  kept(bytes: number): void
}

interface Partial {
  /** Its first envelope. Lent parts are copied or decoded. */
  readonly envelope: BodyEnvelope
  /** True for an item that this side has requested: it is not refused because of other memory. */
  readonly isGranted: boolean
  /**
   * The bytes that have arrived, with room after them; undefined if the body was too long: its later pieces are
   * dropped.
   */
  buffer: Uint8Array | undefined
  bytes: number
}

/** The result of adding a piece. */
export type PieceOutcome =
  | { readonly kind: 'kept' }
  /** The body was too long before; `last` if this is its last piece. */
  | { readonly kind: 'dropped'; readonly envelope: BodyEnvelope; readonly last: boolean }
  /** The body is complete. */
  | { readonly kind: 'whole'; readonly envelope: BodyEnvelope }
  /** The body, or all bodies together, exceed a limit of this side; `last` if no further piece follows. */
  | {
      readonly kind: 'tooLong'
      readonly envelope: BodyEnvelope
      readonly problem: string
      readonly retryAfterMs: number | undefined
      readonly last: boolean
    }

const kept: PieceOutcome = { kind: 'kept' }

/** Bodies of the peer that arrived in part. Memory follows what arrived. */
export class PartialBodies {
  readonly #limits: SessionLimits
  readonly #memory: PartialMemory
  readonly #byCall = new RareMap<number, Partial>()
  #bytes = 0
  #heldBytes = 0

  constructor(limits: SessionLimits, memory: PartialMemory) {
    this.#limits = limits
    this.#memory = memory
  }

  /** The memory allocated for them: more than what arrived, and less than twice that. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  has(callId: number): boolean {
    return this.#byCall.size > 0 && this.#byCall.has(callId)
  }

  /**
   * The first piece of a body, in a call without another unfinished body.
   *
   * @param isGranted whether it is an item of a stream that this side has requested
   */
  begin(envelope: BodyEnvelope, isGranted = false): PieceOutcome {
    const { encoding } = envelope.body
    const partial: Partial = {
      envelope: { ...envelope, body: { encoding, bytes: noBytes } },
      isGranted,
      buffer: noBytes,
      bytes: 0,
    }
    this.#byCall.set(envelope.callId, partial)
    return this.#add(partial, envelope.body, false)
  }

  /** @throws SessionFault for a piece without a beginning, or of another encoding */
  more({ callId, body, goesOn }: MoreEnvelope): PieceOutcome {
    const partial = this.#byCall.get(callId)
    if (partial === undefined) throw violation(`a piece for call ${callId}, which has no unfinished body`)
    if (body.encoding !== partial.envelope.body.encoding)
      throw violation(`a piece for call ${callId} in another encoding than the first`)
    return this.#add(partial, body, goesOn !== true)
  }

  /** Drops the received part of a body. */
  drop(callId: number): void {
    const partial = this.#byCall.get(callId)
    if (partial === undefined) return
    this.#free(partial)
    this.#byCall.delete(callId)
  }

  clear(): void {
    this.#byCall.clear()
    this.#bytes = 0
    this.#heldBytes = 0
  }

  #add(partial: Partial, { bytes, encoding }: EnvelopeBody, last: boolean): PieceOutcome {
    const { envelope, buffer } = partial
    if (last) this.#byCall.delete(envelope.callId)
    if (buffer === undefined) return { kind: 'dropped', envelope, last }
    const problem = this.#problem(partial, bytes.length)
    const mayRefuse = problem === undefined && !partial.isGranted
    const refusal = mayRefuse ? this.#memory.refusalOf(bytes.length) : undefined
    if (problem !== undefined || refusal !== undefined) {
      this.#free(partial)
      partial.buffer = undefined
      partial.bytes = 0
      const text = problem ?? `was refused: ${refusal?.message}`
      return { kind: 'tooLong', envelope, problem: text, retryAfterMs: refusal?.retryAfterMs, last }
    }
    const grown = appended(buffer, partial.bytes, bytes, last)
    this.#heldBytes += grown.length - buffer.length
    partial.buffer = grown
    partial.bytes += bytes.length
    this.#bytes += bytes.length
    this.#memory.kept(bytes.length)
    if (!last) return kept
    const whole = grown.subarray(0, partial.bytes)
    this.#free(partial)
    return { kind: 'whole', envelope: { ...envelope, body: { encoding, bytes: whole }, goesOn: false } }
  }

  #free({ bytes, buffer }: Partial): void {
    this.#bytes -= bytes
    this.#heldBytes -= buffer?.length ?? 0
  }

  #problem(partial: Partial, more: number): string | undefined {
    const { bodyBytesMax, bodiesPartialBytesMax } = this.#limits
    if (partial.bytes + more > bodyBytesMax) return `is over the ${bodyBytesMax} bytes that this side accepts`
    if (this.#bytes + more > bodiesPartialBytesMax)
      return `does not fit beside the other unfinished bodies: this side accepts ${bodiesPartialBytesMax} bytes (bodiesPartialBytesMax)`
    return undefined
  }
}

/**
 * Appends `piece` to the first `used` bytes. The buffer doubles, so that one-byte pieces cost no more than long ones,
 * but has no spare room after the last piece. So a body of up to three pieces, or of four full ones such as a chunk of
 * a file, fills its buffer exactly and is delivered in it.
 */
function appended(buffer: Uint8Array, used: number, piece: Uint8Array, last: boolean): Uint8Array {
  const needed = used + piece.length
  let grown = buffer
  if (needed > buffer.length) {
    grown = new Uint8Array(last ? needed : Math.max(needed, 2 * buffer.length))
    grown.set(buffer.subarray(0, used))
  }
  grown.set(piece, used)
  return grown
}
