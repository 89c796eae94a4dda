import type { EnvelopeBody } from '@frameport/protocol/envelope'
import { json } from '../../../support/envelopes.ts'
import { attacksOnClients } from '../../support/attack.ts'
import {
  greet,
  greetAndAwaitCalls,
  type Onslaught,
  strike,
  untilOver,
} from '../../support/on-client/evil-server.ts'
import { numbered, pourNumbered } from '../../support/on-client/forms.ts'
import { item, many, text, wide } from '../../support/on-client/replies.ts'
import { pour } from '../../support/pour.ts'
import { frame } from '../../support/raw-connection.ts'

const tiny = json('1')

/** Sends items to every open stream as long as there is credit. */
async function spendCredit(onslaught: Onslaught, body: EnvelopeBody): Promise<void> {
  const { connection, counts } = onslaught
  const streams = new Map<number, { items: number; bytes: number; sequence: number }>()
  const spend = (callId: number) => {
    const stream = streams.get(callId)
    if (stream === undefined) return
    const frames: Buffer[] = []
    while (stream.items > 0 && stream.bytes > 0) {
      frames.push(item(callId, stream.sequence++, body))
      stream.items -= 1
      stream.bytes -= body.bytes.length
    }
    const bytes = Buffer.concat(frames)
    counts.bytes += bytes.length
    counts.deeds += frames.length
    void connection.write(bytes)
  }
  await greet(onslaught, (envelope) => {
    if (envelope.kind === 'call' && envelope.credit !== undefined) {
      streams.set(envelope.callId, { ...envelope.credit, sequence: 0 })
      spend(envelope.callId)
    } else if (envelope.kind === 'credit') {
      const stream = streams.get(envelope.callId)
      if (stream !== undefined) {
        stream.items += envelope.items
        stream.bytes += envelope.bytes
      }
      spend(envelope.callId)
    } else if (envelope.kind === 'cancel') streams.delete(envelope.callId)
  })
  await untilOver(onslaught)
}

export const itemAttacks = attacksOnClients('items', [
  {
    name: 'unasked-items',
    about: 'items for calls that were never made',
    connections: 16,
    deedsPerSecondMin: 100,
    work: { streams: 2 },
    serve: numbered((number) => item(1_000_001, number, tiny)),
  },
  {
    name: 'items-beyond-credit',
    about: 'items without end, regardless of the credit, to a slow reader',
    connections: 16,
    deedsPerSecondMin: 100,
    work: { streams: 1 },
    async serve(onslaught) {
      const [callId] = await greetAndAwaitCalls(onslaught, 1)
      if (callId === undefined) return
      await pourNumbered(onslaught, (number) => item(callId, number, tiny))
    },
  },
  {
    name: 'items-for-slow-readers',
    about: 'items of a long text for slow readers, as many as are granted',
    connections: 4,
    deedsPerSecondMin: 20,
    work: { streams: 16 },
    serve: (onslaught) => spendCredit(onslaught, text(900_000)),
  },
  {
    name: 'wide-items',
    about: 'items of three hundred thousand empty arrays for slow readers, as many as are granted',
    connections: 2,
    deedsPerSecondMin: 4,
    work: { streams: 16, pauseMs: 500 },
    serve: (onslaught) => spendCredit(onslaught, wide(900_000)),
  },
  {
    name: 'tiny-items',
    about: 'items of one byte for fast readers, as many as are granted',
    connections: 4,
    deedsPerSecondMin: 5_000,
    work: { streams: 16, pauseMs: 0 },
    serve: (onslaught) => spendCredit(onslaught, tiny),
  },
  {
    name: 'half-items',
    about: 'items of 64 streams in pieces, without the last piece',
    connections: 4,
    deedsPerSecondMin: 64,
    work: { streams: 64 },
    async serve(onslaught) {
      const ids = await greetAndAwaitCalls(onslaught, 64)
      const body = { encoding: 'raw', bytes: new Uint8Array(128 * 1024) } as const
      for (const callId of ids) await strike(onslaught, item(callId, 0, body, true))
      await untilOver(onslaught)
    },
  },
  {
    name: 'late-items',
    about: 'a million items for streams that their readers have left',
    connections: 4,
    deedsPerSecondMin: 5_000,
    work: { streams: 1 },
    async serve(onslaught) {
      const [callId] = await greetAndAwaitCalls(onslaught, 1)
      if (callId === undefined) return
      // The end of the stream: the reader has left, and later items are too late.
      await strike(onslaught, frame({ kind: 'end', callId, metadata: {} }))
      const late = many(item(callId, 0, tiny), 1_000)
      await pour(onslaught.connection, onslaught, () => ({ bytes: late, deeds: 1_000 }))
    },
  },
])
