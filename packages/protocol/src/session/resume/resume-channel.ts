import { FramingError, type Payload, type SendVerdict } from '@frameport/framing'
import { decodeEnvelope } from '../../envelope/decode-envelope.ts'
import { encodeEnvelope } from '../../envelope/encode-envelope.ts'
import { envelopeKinds, flags } from '../../envelope/kinds.ts'
import type { SessionChannel } from '../common/session-channel.ts'
import type { SessionEnvironment } from '../common/session-environment.ts'
import { violation } from '../common/session-fault.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import { KeptEnvelopes } from './kept-envelopes.ts'

/** The peer's limits were kept to when it was sent: those of this side have no say. */
const asSent = {
  metadataEntriesMax: Number.MAX_SAFE_INTEGER,
  metadataBytesMax: Number.MAX_SAFE_INTEGER,
}

/** What waited for acknowledgements goes on when they have fallen to this part of the limit. */
const roomPart = 1 / 2

export interface ResumeChannelOptions {
  readonly environment: SessionEnvironment
  readonly limits: SessionLimits
  /** The longest envelope that the peer takes. */
  readonly sendBytesMax: number
  /** What a call of this side may still take: undefined without end, 0 for one that nobody waits for any more. */
  leftMs(callId: number): number | undefined
  /** Told of the bytes that were kept. */
  kept(bytes: number): void
  /** What is sent waits from now on. */
  filled(): void
}

/**
 * The channel of a session that lives through several connections: it keeps what it sends until the peer has acknowledged
 * it, and sends the rest again on the next connection. Without one it only keeps.
 *
 * What is sent is `full` from `resumeBytes` on, until the peer has acknowledged half of them. What is sent all the same is
 * kept: credit, cancels and failures must go out, because the acknowledgements may wait for them.
 */
export class ResumeChannel implements SessionChannel {
  readonly #options: ResumeChannelOptions
  readonly #kept = new KeptEnvelopes()
  #link: SessionChannel | undefined
  #acknowledged = 0
  #waitsForAck = false
  #isOver = false
  /** When calls without an answer were sent that have a deadline: nobody else keeps that. The oldest first. */
  readonly #oneways: { readonly number: number; readonly sentAtMs: number }[] = []

  constructor(options: ResumeChannelOptions) {
    this.#options = options
  }

  get queuedBytes(): number {
    return this.#link?.queuedBytes ?? 0
  }

  get bytesTaken(): number {
    return this.#link?.bytesTaken ?? 0
  }

  get waitsForAck(): boolean {
    return this.#waitsForAck
  }

  get isConnected(): boolean {
    return this.#link !== undefined
  }

  get keptBytes(): number {
    return this.#kept.bytes
  }

  send(payload: Payload, payloadBytes: number, isShared: boolean): SendVerdict {
    const { sendBytesMax, limits, kept } = this.#options
    if (this.#link === undefined && payloadBytes > sendBytesMax) throw tooLong(payloadBytes, sendBytesMax)
    if (this.#isOver) return this.#link?.send(payload, payloadBytes, isShared) ?? 'closed'
    // Nothing is kept of what cannot be sent. A link that takes nothing any more is about to say so.
    const verdict = this.#link?.send(payload, payloadBytes, isShared)
    this.#noteOneway(payload)
    this.#kept.keep(payload, payloadBytes, isShared)
    kept(payloadBytes)
    if (this.#kept.bytes > limits.resumeBytes && !this.#waitsForAck) {
      this.#waitsForAck = true
      this.#options.filled()
    }
    if (this.#waitsForAck || verdict === 'full') return 'full'
    return verdict === 'sent' ? 'sent' : 'queued'
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
    this.#kept.forget(count)
    this.#acknowledged = received
    while ((this.#oneways[0]?.number ?? Number.POSITIVE_INFINITY) < received) this.#oneways.shift()
    const hadNone = this.#waitsForAck
    if (this.#kept.bytes <= this.#options.limits.resumeBytes * roomPart) this.#waitsForAck = false
    return hadNone && !this.#waitsForAck
  }

  /** @throws SessionFault for a number that cannot be */
  check(received: number): void {
    if (received < this.#acknowledged)
      throw violation(`an acknowledgement of ${received} envelopes after one of ${this.#acknowledged}`)
    const sent = this.#acknowledged + this.#kept.count
    if (received > sent) throw violation(`an acknowledgement of ${received} envelopes, and ${sent} were sent`)
  }

  /** From here on envelopes go out on `link`. @returns whether it is full of what had to be sent again */
  connect(link: SessionChannel): boolean {
    this.#link = link
    let isFull = false
    let number = this.#acknowledged
    for (const payload of this.#kept) {
      const current = this.#current(payload, number)
      if (link.send(current, current.length, false) === 'full') isFull = true
      number += 1
    }
    return isFull
  }

  /** There is no link: what is sent waits for the next. */
  disconnect(): void {
    this.#link = undefined
  }

  /** The session is over: what is still sent has this link, or none. */
  end(): void {
    this.#isOver = true
    this.#waitsForAck = false
    this.#kept.clear()
    this.#oneways.length = 0
  }

  /** A call that is sent again has the time that is left; one that nobody waits for has none, and is not run. */
  #current(payload: Uint8Array, number: number): Uint8Array {
    const [kind, bits = 0] = payload
    const hasDeadline = (bits & flags.deadline) !== 0
    if (kind !== envelopeKinds.call && !(kind === envelopeKinds.oneway && hasDeadline)) return payload
    const envelope = decodeEnvelope(payload, asSent)
    if (envelope.kind === 'call') {
      const leftMs = this.#options.leftMs(envelope.callId)
      if (leftMs === undefined) return payload
      if (leftMs > 0) return encoded({ ...envelope, deadlineMs: wholeMs(leftMs) })
      // It is refused before anybody looks at its input, of which nothing more than that it has one need go out.
      const { encoding, bytes } = envelope.body
      return encoded({ ...envelope, deadlineMs: 0, body: { encoding, bytes: bytes.subarray(0, 1) } })
    }
    if (envelope.kind !== 'oneway' || envelope.deadlineMs === undefined) return payload
    const sentAtMs = this.#oneways.find((oneway) => oneway.number === number)?.sentAtMs ?? 0
    const passedMs = this.#options.environment.nowMs() - sentAtMs
    return encoded({ ...envelope, deadlineMs: wholeMs(envelope.deadlineMs - passedMs) })
  }

  #noteOneway(payload: Payload): void {
    const first = payload instanceof Uint8Array ? payload : payload[0]
    if (first?.[0] !== envelopeKinds.oneway || ((first[1] ?? 0) & flags.deadline) === 0) return
    const number = this.#acknowledged + this.#kept.count
    this.#oneways.push({ number, sentAtMs: this.#options.environment.nowMs() })
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
