import type { EnvelopeBody } from '@frameport/protocol/envelope'
import { hello } from '../../../support/envelopes.ts'
import type { ServerAttack } from '../../support/attack.ts'
import { type Assault, flood, hold } from '../../support/on-server/assault.ts'
import { call, frame, RawConnection } from '../../support/raw-connection.ts'

const KiB = 1024
const ofBytes = (bytes: number): EnvelopeBody => ({ encoding: 'raw', bytes: new Uint8Array(bytes) })
const tiny = ofBytes(1)

/** The initial credit of each upload on a server. */
const beginning = { items: 16, bytes: 64 * KiB }

const item = (callId: number, sequence: number, body: EnvelopeBody) =>
  frame({ kind: 'item', callId, sequence, body })

const upload = (callId: number, procedure: string) => frame(call(callId, procedure, { upload: true }))

/** As many calls with uploads as the server accepts at the same time. None of them ends. */
function openUploads(procedure: string, count: number, items: number, body: EnvelopeBody): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, at) => {
      const id = 1 + 2 * at
      return Buffer.concat([
        upload(id, procedure),
        ...Array.from({ length: items }, (_, sequence) => item(id, sequence, body)),
      ])
    }),
  )
}

export const uploadAttacks: readonly ServerAttack[] = [
  {
    target: 'server',
    name: 'uploads-beyond-credit',
    about: 'items of an upload without end, regardless of the credit',
    connections: 8,
    innocent: 'uploads',
    deedsPerSecondMin: 100,
    run: (assault) =>
      flood(assault, (round) => ({
        bytes: Buffer.concat([
          ...(round === 0 ? [upload(1, 'neglect')] : []),
          ...Array.from({ length: 100 }, (_, at) => item(1, 100 * round + at, tiny)),
        ]),
        deeds: 100,
      })),
  },
  {
    target: 'server',
    name: 'endless-uploads',
    about: 'endless uploads of items of one byte, as many as are granted',
    connections: 4,
    innocent: 'uploads',
    deedsPerSecondMin: 500,
    run: spendCredit,
  },
  {
    target: 'server',
    name: 'open-uploads',
    about: 'thousands of uploads with one byte each, which never continue',
    connections: 64,
    innocent: 'idle',
    deedsPerSecondMin: 10,
    run: (assault) => hold(assault, { bytes: openUploads('swallow', 256, 1, tiny), deeds: 256 }),
  },
  {
    target: 'server',
    name: 'unread-uploads',
    about: 'uploads to handlers that never read, each with its whole initial credit',
    connections: 32,
    innocent: 'uploads',
    deedsPerSecondMin: 20,
    run: (assault) => {
      const { items, bytes } = beginning
      return hold(assault, { bytes: openUploads('neglect', 256, items, ofBytes(bytes / items)), deeds: 256 })
    },
  },
]

/** Sends items as long as there is credit. */
async function spendCredit({ port, address, counts, over }: Assault): Promise<void> {
  const connection = await RawConnection.greeted(port, address, hello)
  const sequences = new Map<number, number>()
  const send = async (callId: number, items: number) => {
    const from = sequences.get(callId) ?? 0
    sequences.set(callId, from + items)
    const bytes = Buffer.concat(Array.from({ length: items }, (_, at) => item(callId, from + at, tiny)))
    await connection.write(bytes)
    counts.bytes += bytes.length
    counts.deeds += items
  }
  connection.onEnvelope = (envelope) => {
    if (envelope.kind === 'credit') void send(envelope.callId, envelope.items)
  }
  for (let at = 0; at < 32; at++) {
    await connection.write(upload(1 + 2 * at, 'swallow'))
    await send(1 + 2 * at, beginning.items)
  }
  await Promise.race([over, connection.closed])
  connection.close()
}
