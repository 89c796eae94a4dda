import { hello, json } from '../../../support/envelopes.ts'
import type { ServerAttack } from '../../support/attack.ts'
import { type Assault, flood, hold } from '../../support/on-server/assault.ts'
import { call, frame, RawConnection } from '../../support/raw-connection.ts'

/** Frames of a hundred calls with new ids. */
function hundredCalls(
  round: number,
  procedure: (at: number) => string,
  after?: (id: number) => Buffer,
): Uint8Array {
  const frames: Buffer[] = []
  for (let at = 0; at < 100; at++) {
    const id = 1 + 2 * (round * 100 + at)
    frames.push(frame(call(id, procedure(at))))
    if (after !== undefined) frames.push(after(id))
  }
  return Buffer.concat(frames)
}

const cancel = (callId: number) => frame({ kind: 'cancel', callId, code: 'CANCELLED', text: '' })

const longName = 'procedureOfALongName'.repeat(3)

export const callAttacks: readonly ServerAttack[] = [
  {
    target: 'server',
    name: 'unknown-procedures',
    about: 'calls of unknown procedures, each with nearly the name of one of three hundred procedures',
    connections: 4,
    innocent: 'busy',
    deedsPerSecondMin: 200,
    run: (assault) =>
      flood(assault, (round) => ({
        bytes: hundredCalls(round, (at) => `many.${longName}${at}x`),
        deeds: 100,
      })),
  },
  {
    target: 'server',
    name: 'rapid-reset',
    about: 'calls that are cancelled in the same packet',
    connections: 8,
    innocent: 'busy',
    deedsPerSecondMin: 500,
    run: (assault) =>
      flood(assault, (round) => ({ bytes: hundredCalls(round, () => 'wait', cancel), deeds: 100 })),
  },
  {
    target: 'server',
    name: 'monopolised-handlers',
    about: 'calls that never end, on as many connections as it takes for all handlers',
    connections: 64,
    innocent: 'idle',
    deedsPerSecondMin: 10,
    run: (assault) => {
      const calls = Array.from({ length: 256 }, (_, at) => frame(call(1 + 2 * at, 'wait')))
      return hold(assault, { bytes: Buffer.concat(calls), deeds: 256 })
    },
  },
  {
    target: 'server',
    name: 'deep-json',
    about: 'inputs of nested arrays, as deep as a frame allows, and just below the limit',
    connections: 4,
    innocent: 'long-inputs',
    deedsPerSecondMin: 20,
    run: (assault) =>
      flood(assault, (round) => {
        const depth = round % 2 === 0 ? 100_000 : 127
        const text = `${'['.repeat(depth)}${']'.repeat(depth)}`
        return { bytes: frame(call(1 + 2 * round, 'anything', { body: json(text) })), deeds: 1 }
      }),
  },
  {
    target: 'server',
    name: 'wide-json',
    about: 'inputs of a hundred thousand empty arrays, which need thirteen times their length in memory',
    connections: 4,
    innocent: 'long-inputs',
    deedsPerSecondMin: 5,
    run: (assault) => {
      const body = json(`[${'[],'.repeat(100_000)}1]`)
      return flood(assault, (round) => ({
        bytes: frame(call(1 + 2 * round, 'anything', { body })),
        deeds: 1,
      }))
    },
  },
  {
    target: 'server',
    name: 'escape-sequences',
    about: 'names, codes and texts that would move the cursor of a terminal that shows the log',
    connections: 4,
    innocent: 'busy',
    deedsPerSecondMin: 200,
    run: (assault) =>
      flood(assault, (round) => ({
        bytes: hundredCalls(
          round,
          () => '\u001b[2J\u001b[31m\u202e',
          (callId) => frame({ kind: 'cancel', callId, code: '\u001b[2J', text: '\u009b31m' }),
        ),
        deeds: 100,
      })),
  },
  {
    target: 'server',
    name: 'endless-credit',
    about: 'streams without end, with credit for all of them, read as quickly as they come',
    connections: 4,
    innocent: 'busy',
    deedsPerSecondMin: 100,
    run: (assault) => readStreams(assault, Number.MAX_SAFE_INTEGER),
  },
  {
    target: 'server',
    name: 'no-credit',
    about: 'streams that are granted nothing, or one item at a time',
    connections: 8,
    innocent: 'busy',
    deedsPerSecondMin: 50,
    run: (assault) => readStreams(assault, assault.index % 2),
  },
]

/** Opens streams and reads their items, and grants one more for each item. */
async function readStreams({ port, address, counts, over }: Assault, items: number): Promise<void> {
  const connection = await RawConnection.greeted(port, address, hello)
  connection.onEnvelope = (envelope) => {
    if (envelope.kind !== 'item') return
    counts.deeds += 1
    if (items === 1)
      void connection.write(frame({ kind: 'credit', callId: envelope.callId, items: 1, bytes: 1_000 }))
  }
  for (let at = 0; at < 32; at++) {
    const bytes = frame(call(1 + 2 * at, 'endless', { credit: { items, bytes: items } }))
    counts.bytes += bytes.length
    counts.deeds += 1
    await connection.write(bytes)
  }
  if (items === 0) counts.deeds += 100
  await Promise.race([over, connection.closed])
  connection.close()
}
