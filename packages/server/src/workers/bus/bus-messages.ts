import type { BusEvent } from '../../event-bus.ts'

/** Several events in one message: one buffer contains their bytes one after the other. */
export interface EventsMessage {
  readonly kind: 'events'
  readonly events: readonly EventInMessage[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

interface EventInMessage {
  readonly event: string
  readonly topic: string
  readonly encoding: BusEvent['body']['encoding']
  readonly length: number
}

/** A message about events from one worker to another. */
export type BusMessage =
  | EventsMessage
  /** The sender sees what the receiver listens to. */
  | { readonly kind: 'open' }
  /** Events may be missing after this message. */
  | { readonly kind: 'gap' }
  /** This many bytes of events were taken. */
  | { readonly kind: 'taken'; readonly bytes: number }

/** The memory that an event counts in addition to its bytes, for the objects that hold it. */
const overheadBytes = 256

export function costOf(bodyBytes: number): number {
  return bodyBytes + overheadBytes
}

/** Copies the bytes of the events once. */
export function packEvents(events: readonly BusEvent[]): EventsMessage {
  const bytes = new Uint8Array(events.reduce((sum, { body }) => sum + body.bytes.length, 0))
  let at = 0
  const packed = events.map(({ event, topic, body }) => {
    bytes.set(body.bytes, at)
    at += body.bytes.length
    return { event, topic, encoding: body.encoding, length: body.bytes.length }
  })
  return { kind: 'events', events: packed, bytes }
}

/**
 * Copies the bytes of each event if there are several: otherwise one event that waits for a slow subscriber would keep
 * the whole buffer.
 */
export function* unpackEvents({ events, bytes }: EventsMessage): Generator<BusEvent> {
  let at = 0
  for (const { event, topic, encoding, length } of events) {
    const own = events.length === 1 ? bytes : bytes.slice(at, at + length)
    at += length
    yield { event, topic, body: { encoding, bytes: own } }
  }
}
