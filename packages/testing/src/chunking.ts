import { asSentence, describeValue, readOnce, unknownName } from '@frameport/protocol/checks'
import { seededRandom } from './seeded-random.ts'
import { checked, TestingError } from './testing-error.ts'

/**
 * How arriving bytes are cut into `data` calls.
 *
 * - `as-sent`: one chunk for each send (a network rarely is that kind).
 * - `merged`: everything that has arrived, in one chunk.
 * - `{ bytes }`: every chunk has so many bytes, but the last of what has arrived.
 * - `{ bytesMax, seed }`: sizes from 1 to `bytesMax`, drawn from `seed`.
 */
export type Chunking =
  | 'as-sent'
  | 'merged'
  | { readonly bytes: number }
  | { readonly bytesMax: number; readonly seed: number }

/** Says how many bytes the next chunk has, given the first segment's and all that have arrived. */
export type ChunkSizer = (segmentBytes: number, arrivedBytes: number) => number

/** @throws TestingError `INVALID_OPTION` for sizes that are not whole numbers from 1 up. */
export function chunkSizer(chunking: Chunking): ChunkSizer {
  if (chunking === 'as-sent') return (segmentBytes) => segmentBytes
  if (chunking === 'merged') return (_segmentBytes, arrivedBytes) => arrivedBytes
  const names = ['bytes', 'bytesMax', 'seed']
  const sizes = checked(() => {
    const problem = unknownName('chunking', chunking, names)
    if (problem === undefined) return readOnce(chunking, names)
    throw new TestingError('INVALID_OPTION', `${asSentence(problem)} It can also be "as-sent" or "merged".`)
  })
  if ('bytes' in sizes) {
    const bytes = wholeNumber('chunking.bytes', sizes.bytes)
    return (_segmentBytes, arrivedBytes) => Math.min(bytes, arrivedBytes)
  }
  const bytesMax = wholeNumber('chunking.bytesMax', sizes.bytesMax)
  const random = seededRandom(checkedSeed('chunking.seed', sizes.seed))
  return (_segmentBytes, arrivedBytes) => Math.min(1 + Math.floor(random() * bytesMax), arrivedBytes)
}

/** @throws TestingError `INVALID_OPTION` */
export function wholeNumber(option: string, value: number, least = 1): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new TestingError(
    'INVALID_OPTION',
    `${option} is ${describeValue(value)}, not an integer of ${least} or more.`,
  )
}

/** @throws TestingError `INVALID_OPTION` */
export function checkedSeed(option: string, seed: number): number {
  if (Number.isSafeInteger(seed)) return seed
  throw new TestingError('INVALID_OPTION', `${option} is ${describeValue(seed)}, not an integer.`)
}
