import { FramingError, type Payload, type SendVerdict } from '@frameport/framing'
import { RareMap } from '@frameport/framing/checks'
import { decodeEnvelope } from '../../envelope/decode-envelope.ts'
import { encodeEnvelope } from '../../envelope/encode-envelope.ts'
import { envelopeKinds, flags } from '../../envelope/kinds.ts'
import type { SessionChannel } from '../common/session-channel.ts'
import type { SessionEnvironment, SessionTimer } from '../common/session-environment.ts'
import { violation } from '../common/session-fault.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import { KeptEnvelopes } from './kept-envelopes.ts'
import { joined, lengthOf } from './payload-parts.ts'
import { TimedOneways } from './timed-oneways.ts'

/** The peer's limits were kept to when it was sent: those of this side have no say. */
const asSent = {
  metadataEntriesMax: Number.MAX_SAFE_INTEGER,
  metadataBytesMax: Number.MAX_SAFE_INTEGER,
}

/** What waited for acknowledgements goes on when they have fallen to this part of the limit. */
const roomPart = 1 / 2

/**
 * What is sent again stands in memory twice while the connection has it in its queue. So it gets this part of `resumeBytes` at a time,
 * after which the peer owes an acknowledgement, and one envelope where memory is short: many clients come back at once.
 */
const resentPart = 1 / 8

/** A peer whose acknowledgement is not owed yet may have read all the same. */
const lookAgainMs = 100

/** From this part of `resumeBytes` on what is sent waits where memory is short. It leaves the peer an eighth to acknowledge. */
const tightPart = 1 / 4

/** What a session may do in one turn of the event loop. */
export interface ResendTurn {
  /** Nothing more may be sent again before the next one. */
  readonly isUsedUp: boolean
  /** Whether any may be; else the session gets its turn later. */
  mayGoOn(): boolean
  /** An envelope of this many bytes was sent. */
  count(bytes: number): void
}

export interface ResumeChannelOptions {
  readonly environment: SessionEnvironment
  readonly limits: SessionLimits
  /** What is sent again is counted with it. */
  readonly turn: ResendTurn
  /** The longest envelope that the peer takes. */
  readonly sendBytesMax: number
  /** What a call of this side may still take: undefined without end, 0 for one that nobody waits for any more. */
  leftMs(callId: number): number | undefined
  /** The peer never hears of this call, which nobody waits for any more. */
  neverMade(callId: number): void
  /** The memory that the session shares with others is nearly used up. */
  memoryIsTight(): boolean
  /** The queue of the link may have fallen: {@link ResumeChannel.catchUp} is to be tried again. */
  mayGoOn(): void
  /** What is sent waits from now on. */
  filled(): void
  /** So many bytes were kept, although they should have waited, that there is no end to it. */
  overfilled(keptBytes: number): void
}

/**
 * The channel of a session that lives through several connections: it keeps what it sends until the peer has acknowledged
 * it, and sends the rest again on the next connection, in the turns of its session. What is sent meanwhile stands behind
 * that. Without a connection it only keeps.
 *
 * What is sent is `full` from `resumeBytes` on, until the peer has acknowledged half of them. What is sent all the same is
 * kept: credit, cancels and failures must go out, because the acknowledgements may wait for them. Those are bounded, too.
 */
export class ResumeChannel implements SessionChannel {
  readonly #options: ResumeChannelOptions
  readonly #kept = new KeptEnvelopes()
  readonly #resumeBytes: number
  readonly #tightBytes: number
  #link: SessionChannel | undefined
  #acknowledged = 0
  /** How many there were in all: the number of the next. */
  #count = 0
  /** How many the link has, or the last one had: those of before it that the peer has, and what went out on it. */
  #sent = 0
  #waitsForAck = false
  /** What may be kept while what is sent should wait. */
  #overfilledBytes = 0
  #isOver = false
  /** Runs while the rest of what is sent again waits for room in the queue of the link. */
  #lookTimer: SessionTimer | undefined
  readonly #oneways = new TimedOneways()
  /** Calls that the peer never hears of, and the numbers of their cancels, of which it hears nothing either. */
  readonly #neverMade = new RareMap<number, number>()

  constructor(options: ResumeChannelOptions) {
    this.#options = options
    this.#resumeBytes = options.limits.resumeBytes
    this.#tightBytes = this.#resumeBytes * tightPart
  }

  get queuedBytes(): number {
    return this.#link?.queuedBytes ?? 0
  }

  get bytesTaken(): number {
    return this.#link?.bytesTaken ?? 0
  }

  get waitsForAck(): boolean {
    return this.#waitsForAck || this.isBehind
  }

  get isConnected(): boolean {
    return this.#link !== undefined
  }

  /** Not all has been sent again that has to be. */
  get isBehind(): boolean {
    return this.#sent < this.#count && this.#link !== undefined
  }

  get keptBytes(): number {
    return this.#kept.bytes
  }

  /** Nothing is ever `sent` and done with: what went out is kept, and its bytes count as if they were queued. */
  send(payload: Payload, payloadBytes: number, isShared: boolean): SendVerdict {
    const link = this.#link
    if (this.#isOver) return link?.send(payload, payloadBytes, isShared) ?? 'closed'
    let isFull = false
    if (link !== undefined && this.#sent === this.#count) {
      // Nothing is kept of what cannot be sent. A link that takes nothing any more is about to say so.
      isFull = link.send(payload, payloadBytes, isShared) === 'full'
      this.#sent += 1
    } else {
      isFull = link !== undefined
      if (payloadBytes > this.#options.sendBytesMax) throw tooLong(payloadBytes, this.#options.sendBytesMax)
    }
    const first = payload instanceof Uint8Array ? payload : payload[0]
    if (first?.[0] === envelopeKinds.oneway) this.#noteOneway(first)
    this.#kept.keep(payload, payloadBytes, isShared)
    this.#count += 1
    if (this.#waitsForAck || this.#kept.bytes > this.#tightBytes) this.#look()
    return isFull || this.#waitsForAck ? 'full' : 'queued'
  }

  /**
   * The peer has handled this many envelopes.
   *
   * @returns whether there is room again after there was none
   * @throws SessionFault for a number that cannot be
   */
  acknowledged(received: number): boolean {
    this.check(received)
    const count = received - this.#acknowledged
    if (count === 0) return false
    const hadNone = this.waitsForAck
    this.#kept.forget(count)
    this.#acknowledged = received
    this.#oneways.forget(received)
    for (const [callId, number] of this.#neverMade) if (number < received) this.#neverMade.delete(callId)
    if (this.#kept.bytes <= this.#resumeBytes * roomPart) this.#waitsForAck = false
    return hadNone && !this.waitsForAck
  }

  /** @throws SessionFault for a number that cannot be */
  check(received: number): void {
    if (received < this.#acknowledged)
      throw violation(`an acknowledgement of ${received} envelopes after one of ${this.#acknowledged}`)
    if (received > this.#sent)
      throw violation(`an acknowledgement of ${received} envelopes, and ${this.#sent} were sent`)
  }

  /** From here on envelopes go out on `link`, those first that have to be sent again: see {@link catchUp}. */
  connect(link: SessionChannel): void {
    this.#link = link
    this.#sent = this.#acknowledged
    this.#kept.rewind()
  }

  /** Sends again what the turn and the link have room for. @returns whether nothing is left, and the link has room */
  catchUp(): boolean {
    const { turn } = this.#options
    if (!this.isBehind) return true
    if (!turn.mayGoOn()) return false
    let verdict: SendVerdict | undefined
    while (this.isBehind && !turn.isUsedUp && verdict !== 'full' && verdict !== 'closed') {
      if (!this.#hasRoom()) {
        this.#lookAgain()
        return false
      }
      const payload = this.#current(this.#kept.next() as Payload, this.#sent)
      const bytes = lengthOf(payload)
      verdict = this.#link?.send(payload, bytes, false)
      this.#sent += 1
      turn.count(bytes)
    }
    return !this.isBehind && verdict !== 'full'
  }

  /** There is no link: what is sent waits for the next. */
  disconnect(): void {
    this.#link = undefined
    this.#lookTimer?.cancel()
  }

  /** The session is over: what is still sent has this link, or none. */
  end(): void {
    this.#isOver = true
    this.#lookTimer?.cancel()
    this.#waitsForAck = false
    this.#count = this.#acknowledged
    this.#sent = this.#acknowledged
    this.#kept.clear()
    this.#oneways.clear()
    this.#neverMade.clear()
  }

  #hasRoom(): boolean {
    return this.queuedBytes <= (this.#options.memoryIsTight() ? 0 : this.#resumeBytes * resentPart)
  }

  #lookAgain(): void {
    const { environment, mayGoOn } = this.#options
    this.#lookTimer?.cancel()
    this.#lookTimer = environment.setTimer(lookAgainMs, () => mayGoOn())
  }

  #look(): void {
    const { filled, overfilled, memoryIsTight } = this.#options
    const { bytes } = this.#kept
    if (!this.#waitsForAck) {
      if (bytes <= this.#resumeBytes && !memoryIsTight()) return
      this.#waitsForAck = true
      // One envelope may be longer than all that may be kept.
      this.#overfilledBytes = bytes + this.#resumeBytes
      filled()
    } else if (bytes > this.#overfilledBytes) overfilled(bytes)
  }

  /**
   * A call that is sent again has the time that is left; one that nobody waits for has none, and is not run. A subscription has
   * no time to say so: it is not made at all.
   */
  #current(payload: Payload, number: number): Payload {
    const first = payload instanceof Uint8Array ? payload : payload[0]
    switch (first?.[0]) {
      case envelopeKinds.call:
        return this.#currentCall(joined(payload))
      case envelopeKinds.oneway:
        return this.#currentOneway(joined(payload), number)
      case envelopeKinds.subscribe:
        return this.#currentSubscribe(joined(payload))
      case envelopeKinds.cancel:
        return this.#neverMade.size === 0 ? payload : this.#currentCancel(joined(payload), number)
      default:
        return payload
    }
  }

  #currentCall(payload: Uint8Array): Uint8Array {
    const envelope = decodeEnvelope(payload, asSent)
    if (envelope.kind !== 'call') return payload
    const leftMs = this.#options.leftMs(envelope.callId)
    if (leftMs === undefined) return payload
    if (leftMs > 0) return encoded({ ...envelope, deadlineMs: wholeMs(leftMs) })
    // It is refused before anybody looks at its input, of which nothing more than that it has one need go out.
    const { encoding, bytes } = envelope.body
    return encoded({ ...envelope, deadlineMs: 0, body: { encoding, bytes: bytes.subarray(0, 1) } })
  }

  #currentOneway(payload: Uint8Array, number: number): Uint8Array {
    const sentAtMs = this.#oneways.sentAtMs(number)
    if (sentAtMs === undefined) return payload
    const envelope = decodeEnvelope(payload, asSent)
    if (envelope.kind !== 'oneway' || envelope.deadlineMs === undefined) return payload
    const passedMs = this.#options.environment.nowMs() - sentAtMs
    return encoded({ ...envelope, deadlineMs: wholeMs(envelope.deadlineMs - passedMs) })
  }

  #currentSubscribe(payload: Uint8Array): Uint8Array {
    const envelope = decodeEnvelope(payload, asSent)
    if (envelope.kind !== 'subscribe' || this.#options.leftMs(envelope.callId) !== 0) return payload
    this.#neverMade.set(envelope.callId, Number.POSITIVE_INFINITY)
    this.#options.neverMade(envelope.callId)
    return skip
  }

  #currentCancel(payload: Uint8Array, number: number): Uint8Array {
    const envelope = decodeEnvelope(payload, asSent)
    if (envelope.kind !== 'cancel' || !this.#neverMade.has(envelope.callId)) return payload
    this.#neverMade.set(envelope.callId, number)
    return skip
  }

  #noteOneway(header: Uint8Array): void {
    if (((header[1] ?? 0) & flags.deadline) === 0) return
    this.#oneways.note(this.#count, this.#options.environment.nowMs())
  }
}

function encoded(envelope: Parameters<typeof encodeEnvelope>[0]): Uint8Array {
  const { header, body } = encodeEnvelope(envelope)
  const payload = new Uint8Array(header.length + body.length)
  payload.set(header)
  payload.set(body, header.length)
  return payload
}

function wholeMs(ms: number): number {
  return Math.max(0, Math.min(Math.ceil(ms), Number.MAX_SAFE_INTEGER))
}

function tooLong(bytes: number, frameBytesMax: number): FramingError {
  return new FramingError(
    'FRAME_TOO_LONG',
    `A frame of ${bytes} bytes was to be sent, and the peer takes ${frameBytesMax}.`,
    {
      announcedBytes: bytes,
      frameBytesMax,
    },
  )
}

/** In the place of an envelope that the peer need not hear of. */
const skip = encoded({ kind: 'skip' })
