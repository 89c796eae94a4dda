import { hello, json } from '../../../support/envelopes.ts'
import type { ServerAttack } from '../../support/attack.ts'
import { flood, hold } from '../../support/on-server/assault.ts'
import { call, frame, RawConnection } from '../../support/raw-connection.ts'

const KiB = 1024

/** The beginning of a frame that never ends: its length, and this many of its bytes. */
function halfFrame(length: number, bytes: number): Buffer {
  const begun = Buffer.alloc(4 + bytes)
  begun.writeUInt32BE(length)
  return begun
}

export const memoryAttacks: readonly ServerAttack[] = [
  {
    target: 'server',
    name: 'unread-answers',
    about: 'calls with results of 900 KB that are never read',
    connections: 32,
    innocent: 'long-results',
    deedsPerSecondMin: 20,
    run: (assault) => {
      const calls = Array.from({ length: 256 }, (_, at) =>
        frame(call(1 + 2 * at, 'large', { body: json('900000') })),
      )
      return hold(assault, { bytes: Buffer.concat(calls), deeds: 256 }, false)
    },
  },
  {
    target: 'server',
    name: 'half-frames',
    about: 'two thousand connections with 128 KiB of an unfinished frame',
    connections: 2_000,
    innocent: 'idle',
    deedsPerSecondMin: 50,
    run: (assault) => hold(assault, { bytes: halfFrame(900 * KiB, 128 * KiB), deeds: 1 }),
  },
  {
    target: 'server',
    name: 'slow-drips',
    about: 'two thousand connections, each with one byte every 200 ms',
    connections: 2_000,
    innocent: 'idle',
    deedsPerSecondMin: 500,
    run: async ({ port, address, counts, isOver, over }) => {
      const connection = await RawConnection.greeted(port, address)
      await connection.write(halfFrame(900 * KiB, 1))
      while (!isOver() && !connection.isClosed) {
        await connection.write(Buffer.alloc(1))
        counts.bytes += 1
        counts.deeds += 1
        await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 200))])
      }
      connection.close()
    },
  },
  {
    target: 'server',
    name: 'half-bodies',
    about: 'bodies in pieces, without the last piece',
    connections: 64,
    innocent: 'long-inputs',
    deedsPerSecondMin: 20,
    run: async ({ port, address, counts, over }) => {
      const connection = await RawConnection.greeted(port, address)
      const piece = { encoding: 'raw', bytes: new Uint8Array(512 * KiB) } as const
      for (let at = 0; at < 64 && !connection.isClosed; at++) {
        const bytes = frame(call(1 + 2 * at, 'anything', { body: piece, goesOn: true }))
        await connection.write(bytes)
        counts.bytes += bytes.length
        counts.deeds += 1
      }
      await Promise.race([over, connection.closed])
      connection.close()
    },
  },
  {
    target: 'server',
    name: 'tiny-windows',
    about: 'clients that accept frames of 4,096 bytes and grant one byte of credit, and request long answers',
    connections: 16,
    innocent: 'long-results',
    deedsPerSecondMin: 10,
    run: async ({ port, address, counts, over }) => {
      const settings: [number, number][] = [
        [1, 4_096],
        [2, 1_000_000],
      ]
      const connection = await RawConnection.greeted(port, address, { ...hello, settings })
      connection.onEnvelope = ({ kind }) => {
        if (kind === 'result' || kind === 'more') counts.deeds += 1
      }
      for (let at = 0; at < 64; at++) {
        const bytes = frame(call(1 + 2 * at, 'large', { body: json('900000') }))
        await connection.write(bytes)
        counts.bytes += bytes.length
      }
      await Promise.race([over, connection.closed])
      connection.close()
    },
  },
  {
    target: 'server',
    name: 'subscriptions',
    about: 'subscriptions to one topic after the other, without end',
    connections: 8,
    innocent: 'busy',
    deedsPerSecondMin: 200,
    run: (assault) =>
      flood(assault, (round) => ({
        bytes: Buffer.concat(
          Array.from({ length: 50 }, (_, at) => {
            const number = round * 50 + at
            return frame(
              call(1 + 2 * number, 'subscribe', { body: json(`{"room":"${assault.index}-${number}"}`) }),
            )
          }),
        ),
        deeds: 50,
      })),
  },
  {
    target: 'server',
    name: 'metadata',
    about: 'calls with as much metadata as a frame allows',
    connections: 8,
    innocent: 'busy',
    deedsPerSecondMin: 20,
    run: (assault) => {
      const metadata = Object.fromEntries(
        Array.from({ length: 2_000 }, (_, at) => [`key${at}`, 'v'.repeat(20)]),
      )
      return flood(assault, (round) => ({
        bytes: frame(call(1 + 2 * round, 'wait', { metadata })),
        deeds: 1,
      }))
    },
  },
]
