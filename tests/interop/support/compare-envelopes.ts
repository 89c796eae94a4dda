import { isDeepStrictEqual } from 'node:util'
import { ProtocolError } from '@frameport/protocol'
import { decodeEnvelope, envelopeKinds, metadataOverLimit } from '@frameport/protocol/envelope'
import { inBatches } from './in-batches.ts'
import { drawsOf, mutated } from './mutations.ts'
import { hexOf, plainFields } from './plain.ts'
import { vectors } from './vectors.ts'

/** The limits of both decoders. Small limits are exceeded by short payloads. */
export interface Limits {
  readonly metadataEntriesMax: number
  readonly metadataBytesMax: number
}

export interface Comparison {
  readonly accepted: number
  /** The number of accepted payloads whose metadata exceed the limits. */
  readonly overLimit: number
  /** The first ten. */
  readonly differences: readonly { readonly hex: string; readonly ours: unknown; readonly python: unknown }[]
}

const differencesMost = 10
/** Longer payloads only slow down the comparison. They test limits of lengths, which the hostile vectors also test. */
const seedBytesMost = 400
const metadataFlag = 4

/** Decodes `cases` random payloads of the seed, here and in Python. */
export async function compareEnvelopes(cases: number, seed: number, limits: Limits): Promise<Comparison> {
  const seeds = seedPayloads()
  const kinds = Object.values(envelopeKinds)
  const random = drawsOf(seed)
  const differences: Comparison['differences'][number][] = []
  const counts = { accepted: 0, overLimit: 0 }
  await inBatches({
    cases,
    command: ['decode.py', '--limits', `${limits.metadataEntriesMax},${limits.metadataBytesMax}`],
    draw: () => mutated(seeds, kinds, random),
    lineOf: hexOf,
    compare(payload, answer) {
      const ours = decoded(payload, limits)
      const python: unknown = JSON.parse(answer)
      if (ours.ok) counts.accepted++
      if (ours.metadataOverLimit === true) counts.overLimit++
      if (differences.length < differencesMost && !isDeepStrictEqual(ours, python))
        differences.push({ hex: hexOf(payload), ours, python })
    },
  })
  return { ...counts, differences }
}

/** The result of our decoder, in the form of the answer from Python. */
export function decoded(payload: Uint8Array, limits: Limits) {
  try {
    const envelope = decodeEnvelope(payload, limits)
    if (envelope.kind === 'ignorable')
      return { ok: true, fields: { kind: 'unknown', code: envelope.kindCode } }
    const fields = plainFields(envelope)
    if (!('metadata' in envelope) || envelope.metadata !== metadataOverLimit) return { ok: true, fields }
    return { ok: true, fields, metadataOverLimit: true }
  } catch (error) {
    if (ProtocolError.is(error)) return { ok: false, code: error.code }
    throw error
  }
}

/** Payloads with metadata are repeated, because they are rare among the vectors and have the most rules. */
function seedPayloads(): Uint8Array[] {
  const hex = [...vectors<{ hex: string }>('golden.json'), ...vectors<{ hex: string }>('hostile.json')]
  return hex
    .map((vector) => Uint8Array.from(Buffer.from(vector.hex, 'hex')))
    .filter(({ length }) => length <= seedBytesMost)
    .flatMap((payload) => (((payload[1] ?? 0) & metadataFlag) === 0 ? [payload] : Array(4).fill(payload)))
}
