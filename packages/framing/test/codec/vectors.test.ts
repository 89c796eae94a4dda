import { describe, expect, it } from 'vitest'
import { FrameEncoder, FrameWriter, FramingError } from '../../src/index.ts'
import { concat, toHex } from '../support/bytes.ts'
import {
  bytesOf,
  codecOptionsOf,
  copiedVectors,
  cutAt,
  type DecodeStep,
  decode,
  expectedOutcome,
  joined,
  loadVectors,
  stepsOf,
  type Vector,
} from '../support/vectors.ts'

/**
 * Streams up to this length are cut at every byte. Longer ones are cut at the first and last 32 bytes and at 64
 * between.
 */
const everyCutBytesMax = 4096

const vectors = loadVectors()
const decoding = vectors.filter((vector) => vector.direction === 'decode')
const encoding = vectors.filter((vector) => vector.direction === 'encode')

function cutsOf(length: number): number[] {
  if (length <= everyCutBytesMax) return Array.from({ length: Math.max(0, length - 1) }, (_, at) => at + 1)
  const cuts = new Set<number>()
  for (let at = 1; at <= 32; at += 1) cuts.add(at).add(length - at)
  for (let part = 1; part <= 64; part += 1) cuts.add(Math.floor((length * part) / 65))
  return [...cuts]
}

function totalBytes(steps: readonly DecodeStep[]): number {
  return steps.reduce((sum, step) => sum + (step instanceof Uint8Array ? step.length : 0), 0)
}

describe('the public framing cases', () => {
  it('are all present, and equal to the copy', () => {
    const names = (list: readonly Vector[]) => list.map((vector) => vector.name).sort()
    expect(vectors.length).toBeGreaterThanOrEqual(66)
    expect(names(vectors)).toEqual(expect.arrayContaining(names(copiedVectors())))
  })

  it.each(decoding)('decode: $name', (vector) => {
    expect(decode(vector, stepsOf(vector))).toEqual(expectedOutcome(vector))
  })

  it.each(decoding)('decode, cut at every byte: $name', (vector) => {
    const steps = joined(stepsOf(vector))
    for (const at of cutsOf(totalBytes(steps))) {
      expect(decode(vector, cutAt(steps, at)), `cut at ${at}`).toEqual(expectedOutcome(vector))
    }
  })

  it.each(decoding)('decode, byte by byte: $name', (vector) => {
    const bytes = stepsOf(vector).flatMap((step): DecodeStep[] =>
      step instanceof Uint8Array ? Array.from(step, (byte) => Uint8Array.of(byte)) : [step],
    )
    expect(decode(vector, bytes)).toEqual(expectedOutcome(vector))
  })

  it.each(encoding)('encode: $name', async (vector) => {
    const expected = { bytes: toHex(bytesOf(vector.expect.bytes ?? '')), error: vector.expect.error }
    if (vector.expect.error !== 'write-zero') expect(encodeAll(vector)).toEqual(expected)
    expect(await writeAll(vector)).toEqual(expected)
  })
})

const kinds: Readonly<Record<string, string>> = { FRAME_TOO_LONG: 'frame-too-long', WRITE_ZERO: 'write-zero' }

function kindOf(error: unknown): string {
  if (!FramingError.is(error)) throw error
  return kinds[error.code] ?? error.code
}

function encodeAll(vector: Vector) {
  const encoder = new FrameEncoder(codecOptionsOf(vector))
  const written: Uint8Array[] = []
  try {
    for (const step of stepsOf(vector, 'payloads')) {
      if (step instanceof Uint8Array) written.push(...encoder.encode(step))
      else encoder.frameBytesMax = step.setMax
    }
  } catch (error) {
    return { bytes: toHex(concat(...written)), error: kindOf(error) }
  }
  return { bytes: toHex(concat(...written)), error: undefined }
}

/** Writes through a sink that accepts two bytes at a time, or none if the case tests that. */
async function writeAll(vector: Vector) {
  const written: number[] = []
  const takes = vector.expect.error === 'write-zero' ? 0 : 2
  const sink = {
    write: (bytes: Uint8Array) => written.push(...bytes.subarray(0, takes)) && Math.min(takes, bytes.length),
  }
  const writer = new FrameWriter(sink, codecOptionsOf(vector))
  try {
    for (const step of stepsOf(vector, 'payloads')) {
      if (step instanceof Uint8Array) await writer.write(step)
      else writer.frameBytesMax = step.setMax
    }
  } catch (error) {
    return { bytes: toHex(Uint8Array.from(written)), error: kindOf(error) }
  }
  return { bytes: toHex(Uint8Array.from(written)), error: undefined }
}
