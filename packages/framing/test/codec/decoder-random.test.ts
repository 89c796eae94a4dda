import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameDecoder, FrameEncoder, type FrameFormat, FramingError } from '../../src/index.ts'
import { concat } from '../support/bytes.ts'
import { lengthReaders, type Parsed, parseWhole } from '../support/one-shot.ts'

const formats = fc.constantFrom<FrameFormat>('uint32be', 'uint32le', 'ascii4')
const payloads = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 900, maxLength: 3000, size: 'max' }) },
  ),
  { maxLength: 12 },
)
/** Lengths of successive chunks, repeated from the start when they are used up. */
const cuts = fc.array(
  fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 2000 })),
  {
    minLength: 1,
    maxLength: 20,
  },
)

function chunksOf(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  const usable = lengths.some((length) => length > 0) ? lengths : [1]
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = usable[turn % usable.length] as number
    chunks.push(bytes.slice(at, at + length))
    at += length
  }
  return chunks
}

type Style = 'callback' | 'next' | 'late'

/** Runs a decoder over lent chunks, which are overwritten as soon as the loan ends. */
function decode(chunks: readonly Uint8Array[], format: FrameFormat, limit: number, style: Style): Parsed {
  const decoder = new FrameDecoder({ format, frameBytesMax: limit })
  const frames: Uint8Array[] = []
  const takeAll = () => {
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame.slice())
  }
  try {
    for (const chunk of chunks) {
      if (style === 'callback') decoder.push(chunk, (payload) => frames.push(payload.slice()))
      else decoder.push(chunk)
      if (style === 'next') takeAll()
      decoder.keep()
      chunk.fill(0xee)
    }
    takeAll()
  } catch (error) {
    if (!FramingError.is(error)) throw error
    return { payloads: frames, stopped: error.code as 'FRAME_TOO_LONG', rest: 0 }
  }
  return { payloads: frames, rest: decoder.bufferedBytes }
}

const styles = fc.constantFrom<Style>('callback', 'next', 'late')

describe('the decoder, wherever the stream is cut', () => {
  it('returns encoded frames unchanged', () => {
    fc.assert(
      fc.property(formats, payloads, cuts, styles, (format, sent, lengths, style) => {
        const encoder = new FrameEncoder({ format })
        const bytes = concat(...sent.flatMap((payload) => encoder.encode(payload)))
        expect(parseWhole(bytes, format, 9999).payloads).toEqual(sent)
        expect(decode(chunksOf(bytes, lengths), format, 9999, style)).toEqual({ payloads: sent, rest: 0 })
      }),
      { numRuns: 300 },
    )
  })

  it('splits arbitrary bytes like an independent parser, including errors and trailing bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 0x30, 0x30, 0x30, 0x31, 0x32), { maxLength: 400 })
        .map((list) => Uint8Array.from(list)),
    )
    fc.assert(
      fc.property(
        formats,
        bytes,
        cuts,
        styles,
        fc.integer({ min: 0, max: 300 }),
        (format, stream, lengths, style, limit) => {
          expect(Object.keys(lengthReaders)).toContain(format)
          const expected = parseWhole(stream, format, limit)
          expect(decode(chunksOf(stream, lengths), format, limit, style)).toEqual(expected)
        },
      ),
      { numRuns: 1000 },
    )
  })
})
