import { isDeepStrictEqual } from 'node:util'
import { FrameDecoder, FramingError } from '@frameport/framing'
import { inBatches } from './in-batches.ts'
import { type Draw, drawsOf, mutated } from './mutations.ts'
import { hexOf } from './plain.ts'
import { vectors } from './vectors.ts'

interface Stream {
  readonly chunks: readonly string[]
  readonly frameBytesMax: number
}

interface Cut {
  readonly payloads: readonly string[]
  readonly code?: string
}

export interface FrameComparison {
  /** The number of payloads in all streams. */
  readonly payloads: number
  /** The number of streams that broke a rule. */
  readonly refused: number
  /** The first ten. */
  readonly differences: readonly { readonly stream: Stream; readonly ours: Cut; readonly python: unknown }[]
}

const differencesMost = 10
const chunksMost = 6
const limits = [0, 3, 16, 512, 4096, 4096, 4096, 2 ** 30 - 1]
const seedBytesMost = 600

/** Splits `cases` random streams of the seed into payloads, here and in Python. */
export async function compareFrames(cases: number, seed: number): Promise<FrameComparison> {
  const seeds = vectors<Stream>('frames.json')
    .map(({ chunks }) => Uint8Array.from(Buffer.from(chunks.join(''), 'hex')))
    .filter(({ length }) => length <= seedBytesMost)
  const random = drawsOf(seed)
  const differences: FrameComparison['differences'][number][] = []
  const counts = { payloads: 0, refused: 0 }
  await inBatches<Stream>({
    cases,
    command: ['decode_frames.py'],
    draw: () => ({
      chunks: chunked(hexOf(mutated(seeds, [0], random)), random),
      frameBytesMax: limits[random(limits.length)] ?? 0,
    }),
    lineOf: (stream) => JSON.stringify(stream),
    compare(stream, answer) {
      const ours = cut(stream)
      const python: unknown = JSON.parse(answer)
      counts.payloads += ours.payloads.length
      if (ours.code !== undefined) counts.refused++
      if (differences.length < differencesMost && !isDeepStrictEqual(ours, python))
        differences.push({ stream, ours, python })
    },
  })
  return { ...counts, differences }
}

/** The result of our decoder for a stream that ends after its last chunk. */
function cut({ chunks, frameBytesMax }: Stream): Cut {
  const decoder = new FrameDecoder({ frameBytesMax })
  const payloads: string[] = []
  const keep = (payload: Uint8Array) => void payloads.push(hexOf(payload))
  try {
    for (const chunk of chunks) decoder.push(Uint8Array.from(Buffer.from(chunk, 'hex')), keep)
    decoder.end()
    return { payloads }
  } catch (error) {
    if (FramingError.is(error)) return { payloads, code: error.code }
    throw error
  }
}

/** Splits hex at random places between bytes. Some of the chunks are empty. */
function chunked(hex: string, random: Draw): string[] {
  const ends = Array.from({ length: random(chunksMost) }, () => 2 * random(hex.length / 2 + 1))
  ends.sort((a, b) => a - b)
  return [...ends, hex.length].map((end, index, all) => hex.slice(all[index - 1] ?? 0, end))
}
