import { expect } from 'vitest'
import type { SlowPolicy } from '../../src/index.ts'
import { type EventLedger, encodeEvent } from '../../src/session/index.ts'
import { openProbe, type Probe } from './raw-peer.ts'
import { value } from './sessions.ts'

/** A connection that is full after 2,000 bytes, while its peer does not read. */
const pair = { windowBytes: 100, highWatermarkBytes: 2_000, lowWatermarkBytes: 500 }

/** A payload with which an event has exactly `bytes` bytes, as a queue counts them. */
export const payload = (bytes: number, first = '') => value(first.padEnd(bytes - 256 - overhead, 'x'))
export const event = (name: string, bytes: number, first?: string) => ({
  event: name,
  topic: '',
  body: payload(bytes, first),
})
const overhead = encodeEvent({ event: 'a/b', topic: '', body: value('') }).payload.length

export const encoded = (whenSlow: SlowPolicy, bytes = 1_000, name = 'a/b', first?: string) =>
  encodeEvent(event(name, bytes, first), { whenSlow })

/** A session whose connection is full, and whose peer does not read. */
export async function stalled(limits: Record<string, number> = {}, ledger?: EventLedger): Promise<Probe> {
  const opened = await openProbe('server', { limits: { heartbeatIntervalMs: 0, ...limits } }, pair)
  opened.peer.stream.pause()
  const filler = encodeEvent({ event: 'fill/er', topic: '', body: value('x'.repeat(3_000)) }, { ledger })
  expect(opened.session.emit(filler)).toBe('full')
  return opened
}

export async function readAll({ peer, time }: Probe): Promise<void> {
  peer.stream.resume()
  await time.settle()
}

/** The received events and gaps in short: the beginning of the payload, or the number of missing events. */
export function seen({ peer }: Probe): (string | number)[] {
  return peer.received.flatMap((envelope): (string | number)[] => {
    if (envelope.kind === 'gap') return [envelope.events]
    if (envelope.kind !== 'event' || envelope.event === 'fill/er') return []
    return [(JSON.parse(new TextDecoder().decode(envelope.body.bytes)) as string).replaceAll('x', '')]
  })
}
