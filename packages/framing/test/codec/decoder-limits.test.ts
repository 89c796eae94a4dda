import { describe, expect, it } from 'vitest'
import { FrameDecoder } from '../../src/codec/decoder.ts'
import { framingLimits } from '../../src/limits.ts'
import { ascii, concat, frameOf, hex, patterned, toHex } from '../support/bytes.ts'
import { decodeAll, failureOf } from '../support/decoding.ts'

describe('the formats', () => {
  it.each([
    ['uint32be', '00000102', 258],
    ['uint32le', '02010000', 258],
    ['ascii4', '30323538', 258],
  ] as const)('%s reads its header', (format, header, length) => {
    const payload = patterned(length)
    expect(decodeAll([concat(hex(header), payload)], { format })).toEqual([payload])
  })

  it.each([
    '    ',
    '+001',
    '-001',
    '0x10',
    '1e01',
    ' 001',
    '001 ',
    '00\n1',
    '\0\0\0\x01',
    '１２'.normalize('NFC'),
  ])('ascii4 refuses %j, which is not four digits', (text) => {
    const decoder = new FrameDecoder({ format: 'ascii4' })
    const header = concat(ascii(text), hex('00000000')).subarray(0, 4)
    const failure = failureOf(() => decoder.push(header, () => undefined))
    expect(failure).toMatchObject({ code: 'CORRUPT_LENGTH', streamOffset: 0 })
    expect(failure.message).toContain('not four decimal digits')
  })

  it('ascii4 accepts its largest length, 9999, by default', () => {
    const payload = patterned(9999)
    expect(decodeAll([concat(ascii('9999'), payload)], { format: 'ascii4' })).toEqual([payload])
  })
})

describe('the limit', () => {
  const limit = framingLimits.frameBytesMax

  it('is 1 MiB of payload by default: a frame of this length is accepted', () => {
    const payload = new Uint8Array(limit).fill(7)
    expect(decodeAll([frameOf(payload)])[0]?.length).toBe(limit)
  })

  it.each([
    ['one over', limit + 1],
    ['far over', 0xffff_ffff],
  ])('refuses a header %s it, before any payload arrives', (_name, length) => {
    const header = new Uint8Array(4)
    new DataView(header.buffer).setUint32(0, length)
    const decoder = new FrameDecoder()
    const failure = failureOf(() => decoder.push(header, () => undefined))
    expect(failure).toMatchObject({ code: 'FRAME_TOO_LONG', announcedBytes: length, frameBytesMax: limit })
    expect(decoder.memoryBytes).toBe(4)
  })

  it('of 0 accepts only empty frames', () => {
    const decoder = new FrameDecoder({ frameBytesMax: 0 })
    decoder.push(hex('00000000'))
    expect(decoder.next()).toEqual(hex(''))
    expect(failureOf(() => decoder.push(hex('0000000161'), () => undefined)).code).toBe('FRAME_TOO_LONG')
  })

  it('can change between frames, and a frame whose header was accepted is completed', () => {
    const decoder = new FrameDecoder({ frameBytesMax: 9 })
    const frames: string[] = []
    const take = (payload: Uint8Array) => frames.push(toHex(payload))
    decoder.push(hex('00000005aabb'), take)
    decoder.frameBytesMax = 2
    decoder.push(hex('ccddee'), take)
    decoder.push(hex('000000021122'), take)
    expect(failureOf(() => decoder.push(hex('00000003'), take)).frameBytesMax).toBe(2)
    expect(frames).toEqual(['aabbccddee', '1122'])
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32])('may not be %s', (frameBytesMax) => {
    expect(failureOf(() => new FrameDecoder({ frameBytesMax })).code).toBe('INVALID_OPTION')
    const decoder = new FrameDecoder()
    expect(failureOf(() => (decoder.frameBytesMax = frameBytesMax)).code).toBe('INVALID_OPTION')
    expect(decoder.frameBytesMax).toBe(limit)
  })

  it('may not exceed the largest length of the format', () => {
    expect(failureOf(() => new FrameDecoder({ format: 'ascii4', frameBytesMax: 10_000 })).code).toBe(
      'INVALID_OPTION',
    )
    expect(new FrameDecoder({ format: 'ascii4' }).frameBytesMax).toBe(9999)
  })

  it('requires a known format', () => {
    const format = 'uint16be' as 'uint32be'
    expect(failureOf(() => new FrameDecoder({ format })).message).toContain('"uint16be"')
    expect(failureOf(() => new FrameDecoder({ format: 'toString' as 'uint32be' })).code).toBe(
      'INVALID_OPTION',
    )
  })
})
