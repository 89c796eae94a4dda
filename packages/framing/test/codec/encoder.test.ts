import { describe, expect, it } from 'vitest'
import {
  FrameEncoder,
  type FrameFormat,
  FramingError,
  framingErrorCodes,
  framingLimits,
  headerBytes,
  payloadBytesLargest,
} from '../../src/index.ts'
import { ascii, concat, hex, toHex } from '../support/bytes.ts'

function failureOf(run: () => unknown): FramingError {
  try {
    run()
  } catch (error) {
    if (FramingError.is(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the encoder', () => {
  it.each<[FrameFormat, string]>([
    ['uint32be', '00000102'],
    ['uint32le', '02010000'],
    ['ascii4', '30323538'],
  ])('writes the header of %s', (format, header) => {
    const [first] = new FrameEncoder({ format }).encode(new Uint8Array(258))
    expect(toHex(first ?? hex(''))).toBe(header)
  })

  it.each([
    ['uint32be', 0xffff_ffff, 'ffffffff'],
    ['uint32le', 0x8000_0001, '01000080'],
    ['ascii4', 9999, '39393939'],
  ] as const)('encodes lengths up to the largest of %s (%i)', (format, length, header) => {
    const largest = payloadBytesLargest[format]
    expect(length).toBeLessThanOrEqual(largest)
    const encoder = new FrameEncoder({ format, frameBytesMax: largest })
    const piece = new Uint8Array(Math.min(length, 0x10000))
    const parts = Array.from({ length: Math.floor(length / piece.length) }, () => piece)
    parts.push(piece.subarray(0, length % piece.length))
    expect(toHex(encoder.encode(parts)[0] ?? hex(''))).toBe(header)
  })

  it('returns the payload unchanged, in one part or several, without a copy', () => {
    const encoder = new FrameEncoder()
    const [head, body] = [ascii('head'), ascii('body')]
    expect(encoder.encode(head)[1]).toBe(head)
    const parts = encoder.encode([head, body])
    expect(parts.slice(1)).toEqual([head, body])
    expect(parts[1]).toBe(head)
    expect(toHex(parts[0] ?? hex(''))).toBe('00000008')
  })

  it('makes a new header for each frame, and lends one on request', () => {
    const encoder = new FrameEncoder()
    const [first] = encoder.encode(hex('01'))
    const [second] = encoder.encode(hex('0102'))
    expect([toHex(first ?? hex('')), toHex(second ?? hex(''))]).toEqual(['00000001', '00000002'])
    const [lent] = encoder.encodeLent(hex('01'))
    expect(encoder.encodeLent(hex('0102'))[0]).toBe(lent)
    expect(toHex(lent ?? hex(''))).toBe('00000002')
  })

  it('writes into a buffer, and writes nothing if there is no room', () => {
    const encoder = new FrameEncoder()
    const target = new Uint8Array(10).fill(0xee)
    expect(encoder.encodeInto([hex('01'), hex('0203')], target, 3)).toBe(headerBytes + 3)
    expect(toHex(target)).toBe('eeeeee00000003010203')
    target.fill(0xee)
    for (const at of [4, 10, 11]) {
      expect(failureOf(() => encoder.encodeInto(hex('010203'), target, at)).code).toBe('TARGET_TOO_SMALL')
    }
    expect(toHex(target)).toBe('ee'.repeat(10))
  })

  it('encodes an empty payload', () => {
    expect(toHex(concat(...new FrameEncoder().encode(hex(''))))).toBe('00000000')
    expect(toHex(concat(...new FrameEncoder().encode([])))).toBe('00000000')
  })
})

describe('the limit of the encoder', () => {
  const limit = framingLimits.frameBytesMax

  it('is 1 MiB of payload by default', () => {
    const encoder = new FrameEncoder()
    expect(encoder.encode(new Uint8Array(limit))).toHaveLength(2)
    for (const over of [1, limit]) {
      const failure = failureOf(() => encoder.encode([new Uint8Array(limit), new Uint8Array(over)]))
      expect(failure).toMatchObject({
        code: 'FRAME_TOO_LONG',
        announcedBytes: limit + over,
        frameBytesMax: limit,
      })
    }
    expect(encoder.encode(hex('01'))).toHaveLength(2)
  })

  it('applies to every way of encoding, and leaves the target unchanged', () => {
    const encoder = new FrameEncoder({ frameBytesMax: 2 })
    const target = new Uint8Array(20).fill(0xee)
    for (const run of [
      () => encoder.encode(hex('010203')),
      () => encoder.encodeLent(hex('010203')),
      () => encoder.encodeInto(hex('010203'), target),
    ]) {
      expect(failureOf(run).code).toBe('FRAME_TOO_LONG')
    }
    expect(toHex(target)).toBe('ee'.repeat(20))
    encoder.frameBytesMax = 3
    expect(encoder.encodeInto(hex('010203'), target)).toBe(7)
  })

  it('may not exceed the largest length of the format', () => {
    const encoder = new FrameEncoder({ format: 'ascii4' })
    expect(failureOf(() => encoder.encode(new Uint8Array(10_000))).code).toBe('FRAME_TOO_LONG')
    expect(failureOf(() => (encoder.frameBytesMax = 10_000)).code).toBe('INVALID_OPTION')
  })
})

describe('a FramingError', () => {
  it('is recognised by its brand, keeps its cause and carries a code of the table', () => {
    const cause = new Error('below')
    const error = new FramingError('TRUNCATED', 'the text', { cause })
    expect([error.name, error.code, error.message, error.cause]).toEqual([
      'FramingError',
      'TRUNCATED',
      'the text',
      cause,
    ])
    expect(FramingError.is(error)).toBe(true)
    expect(FramingError.is(Object.assign(new Error('x'), { code: 'TRUNCATED' }))).toBe(false)
    expect(FramingError.is(null)).toBe(false)
    expect(Object.keys(framingErrorCodes)).toContain(error.code)
  })
})
