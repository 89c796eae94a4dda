import { type Body, encodeBody } from '../../envelope/codec.ts'
import { encodeEnvelope } from '../../envelope/encode-envelope.ts'
import { type EnvelopeBody, noMetadata } from '../../envelope/envelope-parts.ts'
import type { LogPosition } from '../../envelope/session-envelopes.ts'
import type { SlowPolicy } from '../../envelope/slow-policy.ts'
import type { EventEncoding, EventLedger } from '../common/event-types.ts'
import type { SessionEvent } from '../common/session-messages.ts'
import { unsendable } from '../flow/wire-errors.ts'

/** The memory that a waiting event costs in addition to its bytes: the objects that hold it. */
export const holderBytes = 256

/** An encoded event, with the state that sessions keep about it while it waits in their queues. */
export class SharedEncoding implements EventEncoding {
  readonly event: string
  readonly topic: string
  /** The position in its log, if the event is logged. */
  readonly position: LogPosition | undefined
  readonly whenSlow: SlowPolicy
  readonly payload: Uint8Array
  readonly bodyBytes: number
  readonly bytes: number
  /** Counts the event while it waits, and what happens to it. */
  readonly ledger: EventLedger | undefined
  #holders = 0
  #waitingSinceMs = 0

  constructor(
    { event, topic, position }: EncodableEvent,
    whenSlow: SlowPolicy,
    parts: { readonly payload: Uint8Array; readonly bodyBytes: number },
    ledger: EventLedger | undefined,
  ) {
    this.event = event
    this.topic = topic
    this.position = position
    this.whenSlow = whenSlow
    this.payload = parts.payload
    this.bodyBytes = parts.bodyBytes
    this.bytes = parts.payload.length + holderBytes
    this.ledger = ledger
  }

  /** On the clock of the first session that held it. */
  get waitingSinceMs(): number {
    return this.#waitingSinceMs
  }

  /** Call when one more connection waits for the event. @returns false, without counting, if there is no room for it */
  hold(nowMs: () => number): boolean {
    if (this.#holders === 0) {
      if (this.ledger?.take(this.bytes) === false) return false
      this.#waitingSinceMs = nowMs()
    }
    this.#holders += 1
    return true
  }

  release(): void {
    this.#holders -= 1
    if (this.#holders === 0) this.ledger?.give(this.bytes)
  }

  /** Call when the event was left out for a subscriber. */
  leftOut(): void {
    this.ledger?.leftOut(1)
  }
}

/** An event for {@link encodeEvent}. Its body may be encoded already, as a log keeps it. */
export interface EncodableEvent extends Omit<SessionEvent, 'body'> {
  /** The payload. */
  readonly body: Body | EnvelopeBody
}

/**
 * Encodes an event once for any number of sessions: the bytes do not depend on the receiver.
 *
 * @param options `whenSlow`: what happens to it at a subscriber that does not keep up, by default `block`. `ledger`:
 *   counts it while it waits, by default nothing does
 * @throws RpcError INVALID_ARGUMENT for a payload that cannot be encoded, with the ProtocolError as its cause
 */
export function encodeEvent(
  event: EncodableEvent,
  {
    whenSlow = 'block',
    ledger,
  }: { readonly whenSlow?: SlowPolicy | undefined; readonly ledger?: EventLedger | undefined } = {},
): EventEncoding {
  try {
    const { event: name, topic, position } = event
    const encoded = 'encoding' in event.body ? event.body : encodeBody(event.body)
    const { header, body } = encodeEnvelope({
      kind: 'event',
      event: name,
      topic,
      position,
      metadata: noMetadata,
      body: encoded,
    })
    // One piece of memory for both: it may be held for long, and raw bytes are the caller's.
    const payload = new Uint8Array(header.length + body.length)
    payload.set(header)
    payload.set(body, header.length)
    return new SharedEncoding(event, whenSlow, { payload, bodyBytes: body.length }, ledger)
  } catch (error) {
    throw unsendable(error, 'INVALID_ARGUMENT')
  }
}

/** @throws RpcError INVALID_ARGUMENT */
export function sharedEncoding(given: SessionEvent | EventEncoding): SharedEncoding {
  return (given instanceof SharedEncoding ? given : encodeEvent(given as SessionEvent)) as SharedEncoding
}
