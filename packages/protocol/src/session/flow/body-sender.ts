import type { SendVerdict } from '@frameport/framing'
import { RareMap } from '@frameport/framing/checks'
import type { EnvelopeBody } from '../../envelope/envelope-parts.ts'
import type { CallEnvelope, ItemEnvelope, ResultEnvelope } from '../../envelope/session-envelopes.ts'
import { textBytesMax } from '../../envelope/short-envelope.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import type { EnvelopeWriter } from './envelope-writer.ts'
import type { TurnBudget } from './turn-budget.ts'

/** An envelope whose body may be longer than a frame. */
export type BodyEnvelope = CallEnvelope | ResultEnvelope | ItemEnvelope

export interface BodySenderEvents {
  /** Fewer bytes of bodies wait than before. */
  fewerBodiesWait(): void
}

/** A body that is sent in pieces. */
interface Rest {
  readonly callId: number
  /** The envelope of its first piece; undefined once that was sent. */
  first: BodyEnvelope | undefined
  /** The length of the whole body. */
  readonly length: number
  readonly encoding: EnvelopeBody['encoding']
  readonly purpose: 'answer' | 'own'
  /** The unsent rest. */
  bytes: Uint8Array
  readonly whole: () => void
}

/** Kind, flags and the longest call id in front of a piece. */
const pieceHeaderBytes = 10

/** The longest name and the longest metadata of the default limits fit in it several times. */
const headerBytesMax = 64 * 1024

/**
 * Sends bodies, long ones in pieces that alternate with those of other calls, and no faster than the connection accepts
 * them. A body that fits one piece is sent at once, in one envelope. A long answer queues its first piece, too: eight
 * long answers at once are one queue, not eight pieces before all other data. A call begins at once, because call ids
 * grow on the wire.
 *
 * Bodies sent in turn all arrive in part, and the peer accepts a limited number of such bytes. A body that does not fit
 * beside those that have begun, counted whole, waits until one of them is complete. Calls wait before: see
 * {@link hasRoomFor}.
 */
export class BodySender {
  readonly #writer: EnvelopeWriter
  readonly #limits: SessionLimits
  readonly #turn: TurnBudget
  readonly #events: BodySenderEvents
  /** The bodies in the order of their next pieces; one per call, because a call sends one body at a time. */
  readonly #rests = new RareMap<number, Rest>()
  /** The bodies for which the peer has no room yet, in order. */
  readonly #line = new RareMap<number, Rest>()
  /** The total length of bodies that have begun, or may begin. */
  #begunBytes = 0
  #waitingBytes = 0
  #pumping = false

  constructor(writer: EnvelopeWriter, limits: SessionLimits, turn: TurnBudget, events: BodySenderEvents) {
    this.#writer = writer
    this.#limits = limits
    this.#turn = turn
    this.#events = events
  }

  /** Bytes of bodies that are encoded and not sent yet. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** True if as many bytes wait as this side would accept from the peer: encode no further body. */
  get isFull(): boolean {
    return this.#waitingBytes > this.#limits.bodiesPartialBytesMax
  }

  /** Whether the peer has room for a body of this many bytes. One that fits one piece can always begin. */
  hasRoomFor(bytes: number): boolean {
    return bytes <= this.#limits.pieceBytes || (this.#line.size === 0 && this.#fits(bytes))
  }

  /** Whether a body of this call is being sent. */
  isSending(callId: number): boolean {
    return (
      (this.#rests.size > 0 && this.#rests.has(callId)) || (this.#line.size > 0 && this.#line.has(callId))
    )
  }

  /**
   * Sends an envelope with its body.
   *
   * @param whole called once the last piece was handed to the connection, if that was not now
   * @returns the verdict of the connection on what was sent so far; `pieces` if the rest follows
   * @throws ProtocolError INVALID_FIELD, FramingError FRAME_TOO_LONG; nothing was sent then
   */
  send(
    envelope: BodyEnvelope,
    purpose: 'answer' | 'own',
    whole: () => void,
  ): 'sent' | 'queued' | 'full' | 'closed' | 'pieces' {
    const { bytes, encoding } = envelope.body
    const pieceBytes = this.#firstPieceBytes(envelope)
    if (bytes.length <= pieceBytes) return this.#writer.send(envelope, purpose)
    const hasRoom = envelope.kind === 'call' || this.hasRoomFor(bytes.length)
    const waits = envelope.kind !== 'call' && (this.#writer.blocked || !hasRoom)
    const from = waits ? 0 : pieceBytes
    // A body that cannot be sent fails now, not when its turn comes.
    if (waits) this.#writer.check(envelope)
    else if (this.#sendFirst(envelope, bytes, pieceBytes, purpose) === 'closed') return 'closed'
    this.#add(hasRoom, {
      callId: envelope.callId,
      first: waits ? envelope : undefined,
      length: bytes.length,
      encoding,
      purpose,
      // Raw bytes belong to the caller, who may change them before the next piece is sent.
      bytes: encoding === 'raw' ? bytes.slice(from) : bytes.subarray(from),
      whole,
    })
    this.pump()
    return 'pieces'
  }

  /**
   * Sends a body that is a short text.
   *
   * @param envelope with `textBody`
   * @returns the bytes of the body; undefined if nothing was sent: use {@link send} then
   */
  sendText(envelope: BodyEnvelope, text: string, purpose: 'answer' | 'own'): number | 'closed' | undefined {
    const { pieceBytes } = this.#limits
    const fits = textBytesMax(text) <= pieceBytes && pieceBytes + headerBytesMax <= this.#frameBytesMax()
    return fits ? this.#writer.sendText(envelope, text, purpose) : undefined
  }

  #sendFirst(
    envelope: BodyEnvelope,
    bytes: Uint8Array,
    pieceBytes: number,
    purpose: 'answer' | 'own',
  ): SendVerdict {
    const { encoding } = envelope.body
    const body = { encoding, bytes: bytes.subarray(0, pieceBytes) }
    return this.#writer.send({ ...envelope, body, goesOn: true }, purpose)
  }

  /** The rest of this call's body is not sent. */
  drop(callId: number): void {
    const rest = this.#rests.get(callId)
    const inLine = rest === undefined ? this.#line.get(callId) : undefined
    if (rest !== undefined) {
      this.#release(rest)
      this.#begunBytes -= rest.length
    } else if (inLine !== undefined) {
      this.#line.delete(callId)
      this.#waitingBytes -= inLine.bytes.length
    } else return
    this.#events.fewerBodiesWait()
  }

  /** Sends nothing more. */
  clear(): void {
    this.#rests.clear()
    this.#line.clear()
    this.#begunBytes = 0
    this.#waitingBytes = 0
  }

  /** @param hasRoom whether the peer has room for all of it */
  #add(hasRoom: boolean, rest: Rest): void {
    if (hasRoom) {
      this.#begunBytes += rest.length
      this.#hold(rest)
    } else {
      this.#line.set(rest.callId, rest)
      this.#waitingBytes += rest.bytes.length
    }
  }

  /** One body always fits, because the peer accepts no body that is longer than all together may be. */
  #fits(bytes: number): boolean {
    const max = this.#writer.peerPartialBytesMax ?? this.#limits.bodiesPartialBytesMax
    return this.#begunBytes === 0 || this.#begunBytes + bytes <= max
  }

  /** Begins the queued bodies for which there is room now. */
  #admit(): void {
    for (const rest of this.#line.values()) {
      if (!this.#fits(rest.length)) return
      this.#line.delete(rest.callId)
      this.#waitingBytes -= rest.bytes.length
      this.#add(true, rest)
    }
  }

  #hold(rest: Rest): void {
    this.#rests.set(rest.callId, rest)
    this.#waitingBytes += rest.bytes.length
  }

  #release({ callId, bytes }: Rest): void {
    this.#rests.delete(callId)
    this.#waitingBytes -= bytes.length
  }

  /** Sends pieces, one of each body in turn, until the connection is full, or the turn is used up. */
  pump(): void {
    if (this.#pumping || this.#waitingBytes === 0) return
    this.#pumping = true
    try {
      for (let rest = this.#next(); rest !== undefined; rest = this.#next()) this.#sendPiece(rest)
    } finally {
      this.#pumping = false
    }
    this.#events.fewerBodiesWait()
  }

  #next(): Rest | undefined {
    if (this.#writer.blocked || this.#turn.isUsedUp) return undefined
    if (this.#line.size > 0) this.#admit()
    for (const rest of this.#rests.values()) return rest
    return undefined
  }

  #sendPiece(rest: Rest): void {
    const { callId, first, encoding, purpose, bytes } = rest
    const pieceBytes = first === undefined ? this.#pieceBytes() : this.#firstPieceBytes(first)
    // A first piece is never the last one.
    const goesOn = bytes.length > pieceBytes
    const piece = goesOn ? bytes.subarray(0, pieceBytes) : bytes
    // Moves it to the end of the queue, or removes it.
    this.#release(rest)
    rest.first = undefined
    const verdict =
      first === undefined
        ? this.#writer.send({ kind: 'more', callId, body: { encoding, bytes: piece }, goesOn }, purpose)
        : this.#sendFirst(first, bytes, pieceBytes, purpose)
    this.#turn.count(piece.length)
    if (verdict === 'closed') {
      this.clear()
    } else if (goesOn) {
      rest.bytes = bytes.subarray(pieceBytes)
      this.#hold(rest)
    } else {
      this.#begunBytes -= rest.length
      rest.whole()
    }
  }

  /** The header of the first envelope is measured only for a peer that accepts only short frames. */
  #firstPieceBytes(envelope: BodyEnvelope): number {
    const { pieceBytes } = this.#limits
    const frameBytesMax = this.#frameBytesMax()
    if (pieceBytes + headerBytesMax <= frameBytesMax) return pieceBytes
    return Math.max(1, Math.min(pieceBytes, frameBytesMax - this.#writer.headerBytes(envelope)))
  }

  #pieceBytes(): number {
    return Math.min(this.#limits.pieceBytes, this.#frameBytesMax() - pieceHeaderBytes)
  }

  #frameBytesMax(): number {
    return this.#writer.peerFrameBytesMax ?? this.#limits.frameBytesMax
  }
}
