import type { Payload } from '@frameport/framing'
import { RareMap } from '@frameport/framing/checks'
import { decodeEnvelope } from '../../envelope/decode-envelope.ts'
import { encodeEnvelope } from '../../envelope/encode-envelope.ts'
import { envelopeKinds, flags } from '../../envelope/kinds.ts'
import type { SessionEnvironment } from '../common/session-environment.ts'
import { joined } from './payload-parts.ts'
import { TimedOneways } from './timed-oneways.ts'

/** The peer's limits were kept to when it was sent: those of this side have no say. */
const asSent = {
  metadataEntriesMax: Number.MAX_SAFE_INTEGER,
  metadataBytesMax: Number.MAX_SAFE_INTEGER,
}

export interface CurrentEnvelopesOptions {
  readonly environment: SessionEnvironment
  /**
   * The remaining milliseconds of a call of this side: undefined without a deadline, 0 if its caller no longer waits.
   */
  leftMs(callId: number): number | undefined
  /** This call was cancelled before it reached the peer. */
  neverMade(callId: number): void
}

/** Updates kept envelopes that are sent again, if their contents were right only at first. */
export class CurrentEnvelopes {
  readonly #options: CurrentEnvelopesOptions
  readonly #oneways = new TimedOneways()
  /** Calls that the peer never receives, and the numbers of their cancels, which it does not receive either. */
  readonly #neverMade = new RareMap<number, number>()

  constructor(options: CurrentEnvelopesOptions) {
    this.#options = options
  }

  /** An envelope was sent for the first time. @param number the number of envelopes sent before it */
  sent(payload: Payload, number: number): void {
    const header = payload instanceof Uint8Array ? payload : payload[0]
    if (header?.[0] !== envelopeKinds.oneway || ((header[1] ?? 0) & flags.deadline) === 0) return
    this.#oneways.note(number, this.#options.environment.nowMs())
  }

  /** The peer has handled this many envelopes. */
  forget(received: number): void {
    this.#oneways.forget(received)
    for (const [callId, number] of this.#neverMade) if (number < received) this.#neverMade.delete(callId)
  }

  clear(): void {
    this.#oneways.clear()
    this.#neverMade.clear()
  }

  /**
   * A call that is sent again has its remaining time; one without a waiting caller has none, and is not run. A
   * subscription has no time, so it is not sent at all.
   *
   * @param number the number of envelopes sent before it
   */
  of(payload: Payload, number: number): Payload {
    const first = payload instanceof Uint8Array ? payload : payload[0]
    switch (first?.[0]) {
      case envelopeKinds.call:
        return this.#call(joined(payload))
      case envelopeKinds.oneway:
        return this.#oneway(joined(payload), number)
      case envelopeKinds.subscribe:
        return this.#subscribe(joined(payload))
      case envelopeKinds.cancel:
        return this.#neverMade.size === 0 ? payload : this.#cancel(joined(payload), number)
      default:
        return payload
    }
  }

  #call(payload: Uint8Array): Uint8Array {
    const envelope = decodeEnvelope(payload, asSent)
    if (envelope.kind !== 'call') return payload
    const leftMs = this.#options.leftMs(envelope.callId)
    if (leftMs === undefined) return payload
    if (leftMs > 0) return encoded({ ...envelope, deadlineMs: wholeMs(leftMs) })
    // It is refused before its input is read, so only the presence of an input is sent.
    const { encoding, bytes } = envelope.body
    return encoded({ ...envelope, deadlineMs: 0, body: { encoding, bytes: bytes.subarray(0, 1) } })
  }

  #oneway(payload: Uint8Array, number: number): Uint8Array {
    const sentAtMs = this.#oneways.sentAtMs(number)
    if (sentAtMs === undefined) return payload
    const envelope = decodeEnvelope(payload, asSent)
    if (envelope.kind !== 'oneway' || envelope.deadlineMs === undefined) return payload
    const passedMs = this.#options.environment.nowMs() - sentAtMs
    return encoded({ ...envelope, deadlineMs: wholeMs(envelope.deadlineMs - passedMs) })
  }

  #subscribe(payload: Uint8Array): Uint8Array {
    const envelope = decodeEnvelope(payload, asSent)
    if (envelope.kind !== 'subscribe' || this.#options.leftMs(envelope.callId) !== 0) return payload
    this.#neverMade.set(envelope.callId, Number.POSITIVE_INFINITY)
    this.#options.neverMade(envelope.callId)
    return skip
  }

  #cancel(payload: Uint8Array, number: number): Uint8Array {
    const envelope = decodeEnvelope(payload, asSent)
    if (envelope.kind !== 'cancel' || !this.#neverMade.has(envelope.callId)) return payload
    this.#neverMade.set(envelope.callId, number)
    return skip
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

/** Replaces an envelope that the peer does not need. */
const skip = encoded({ kind: 'skip' })
