import { describe, expect, it } from 'vitest'
import { type FrameCodecOptions, FrameDecoder, FramingError, framingLimits } from '../src/index.ts'
import { ascii, concat, frameOf, hex, patterned, toHex } from './support/bytes.ts'

function decodeAll(chunks: readonly Uint8Array[], options?: FrameCodecOptions): Uint8Array[] {
  const decoder = new FrameDecoder(options)
  const frames: Uint8Array[] = []
  for (const chunk of chunks) decoder.push(chunk, (payload) => frames.push(payload.slice()))
  return frames
}

function failureOf(run: () => unknown): FramingError {
  try {
    run()
  } catch (error) {
    if (FramingError.is(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('what the decoder hands out', () => {
  it('is nothing while a header is incomplete, and nothing for an empty chunk', () => {
    const decoder = new FrameDecoder()
    for (const chunk of ['00', '', '0000', '']) {
      decoder.push(hex(chunk))
      expect(decoder.next()).toBeUndefined()
    }
    expect(decoder.bufferedBytes).toBe(3)
  })

  it('is a view on the chunk for a frame that lies in it, without a copy', () => {
    const chunk = concat(frameOf(hex('616263')), frameOf(hex('64')), hex('0000'))
    const decoder = new FrameDecoder()
    const views: Uint8Array[] = []
    decoder.push(chunk, (payload) => views.push(payload))
    expect(views.map((view) => view.buffer)).toEqual([chunk.buffer, chunk.buffer])
    expect(views.map((view) => view.byteOffset)).toEqual([4, 11])
    expect(decoder.copiedBytes).toBe(0)
  })

  it('is right for a chunk that is itself a view with an offset, such as a node Buffer', () => {
    const wide = concat(hex('ffffffff'), frameOf(hex('0102')), frameOf(hex('03')))
    expect(decodeAll([Buffer.from(wide.buffer, 4)]).map(toHex)).toEqual(['0102', '03'])
  })

  it('keeps empty frames apart, wherever the cut is', () => {
    const bytes = concat(frameOf(hex('')), frameOf(hex('')), frameOf(hex('07')), frameOf(hex('')))
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(decodeAll([bytes.slice(0, at), bytes.slice(at)]).map(toHex)).toEqual(['', '', '07', ''])
    }
  })

  it('does not change when the chunk is overwritten after push returned', () => {
    const bytes = concat(frameOf(patterned(5000)), frameOf(patterned(3, 1)))
    const decoder = new FrameDecoder()
    const frames: string[] = []
    for (let at = 0; at < bytes.length; at += 700) {
      const lent = bytes.slice(at, at + 700)
      decoder.push(lent, (payload) => frames.push(toHex(payload)))
      lent.fill(0xee)
    }
    expect(frames).toEqual([toHex(patterned(5000)), toHex(patterned(3, 1))])
  })

  it('comes in order when chunks are pushed faster than frames are taken', () => {
    const decoder = new FrameDecoder()
    const expected = Array.from({ length: 300 }, (_, at) => patterned(at, at))
    for (const payload of expected) {
      const lent = frameOf(payload)
      decoder.push(lent.subarray(0, 3))
      decoder.push(lent.subarray(3))
      decoder.keep()
      lent.fill(0xee)
    }
    expect([...decoder].map(toHex)).toEqual(expected.map(toHex))
    expect(decoder.bufferedBytes).toBe(0)
  })

  it('is the own copy of who iterates or calls nextCopy', () => {
    const whole = frameOf(hex('aabb'))
    const decoder = new FrameDecoder()
    decoder.push(whole)
    const copy = decoder.nextCopy()
    whole.fill(0)
    expect(toHex(copy ?? hex(''))).toBe('aabb')
    decoder.push(frameOf(hex('ccdd')).subarray(0, 5))
    expect(decoder.nextCopy()).toBeUndefined()
    decoder.push(hex('dd'))
    expect([...decoder].map(toHex)).toEqual(['ccdd'])
  })

  it('goes on behind a frame whose callback threw', () => {
    const decoder = new FrameDecoder()
    const bytes = concat(frameOf(hex('01')), frameOf(hex('02')), hex('000000'))
    const frames: string[] = []
    const thrower = () => {
      throw new Error('from the callback')
    }
    expect(() => decoder.push(bytes, thrower)).toThrow('from the callback')
    bytes.fill(0xee)
    decoder.push(hex('0103'), (payload) => frames.push(toHex(payload)))
    expect(frames).toEqual(['02', '03'])
  })

  it('stays in order when a callback pushes into its own decoder', () => {
    const decoder = new FrameDecoder()
    const frames: string[] = []
    const take = (payload: Uint8Array) => {
      frames.push(toHex(payload))
      if (toHex(payload) === '01') decoder.push(frameOf(hex('03')), take)
    }
    decoder.push(concat(frameOf(hex('01')), frameOf(hex('02'))), take)
    expect(frames).toEqual(['01', '02', '03'])
  })
})

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

  it('ascii4 takes its largest length, 9999, by default', () => {
    const payload = patterned(9999)
    expect(decodeAll([concat(ascii('9999'), payload)], { format: 'ascii4' })).toEqual([payload])
  })
})

describe('the limit', () => {
  const limit = framingLimits.frameBytesMax

  it('is 1 MiB of payload when none is given: at it a frame passes', () => {
    const payload = new Uint8Array(limit).fill(7)
    expect(decodeAll([frameOf(payload)])[0]?.length).toBe(limit)
  })

  it.each([
    ['one over', limit + 1],
    ['far over', 0xffff_ffff],
  ])('refuses a header %s it, before any payload came', (_name, length) => {
    const header = new Uint8Array(4)
    new DataView(header.buffer).setUint32(0, length)
    const decoder = new FrameDecoder()
    const failure = failureOf(() => decoder.push(header, () => undefined))
    expect(failure).toMatchObject({ code: 'FRAME_TOO_LONG', announcedBytes: length, frameBytesMax: limit })
    expect(decoder.memoryBytes).toBe(4)
  })

  it('of 0 lets empty frames through and nothing else', () => {
    const decoder = new FrameDecoder({ frameBytesMax: 0 })
    decoder.push(hex('00000000'))
    expect(decoder.next()).toEqual(hex(''))
    expect(failureOf(() => decoder.push(hex('0000000161'), () => undefined)).code).toBe('FRAME_TOO_LONG')
  })

  it('can change between frames, and a frame whose header was accepted is finished', () => {
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

  it('may not exceed what the format can say', () => {
    expect(failureOf(() => new FrameDecoder({ format: 'ascii4', frameBytesMax: 10_000 })).code).toBe(
      'INVALID_OPTION',
    )
    expect(new FrameDecoder({ format: 'ascii4' }).frameBytesMax).toBe(9999)
  })

  it('goes with a format that exists', () => {
    const format = 'uint16be' as 'uint32be'
    expect(failureOf(() => new FrameDecoder({ format })).message).toContain('"uint16be"')
    expect(failureOf(() => new FrameDecoder({ format: 'toString' as 'uint32be' })).code).toBe(
      'INVALID_OPTION',
    )
  })
})

describe('a decoder that failed', () => {
  it('hands out the frames in front, then throws the same error for ever and holds nothing', () => {
    const decoder = new FrameDecoder()
    const frames: string[] = []
    const take = (payload: Uint8Array) => frames.push(toHex(payload))
    const failure = failureOf(() => decoder.push(concat(frameOf(hex('0102')), hex('ffffffff00')), take))
    expect(frames).toEqual(['0102'])
    expect(failure.streamOffset).toBe(6)
    expect(decoder.failure).toBe(failure)
    for (const again of [
      () => decoder.push(frameOf(hex('01')), take),
      () => decoder.next(),
      () => decoder.nextCopy(),
      () => decoder.end(),
    ]) {
      expect(failureOf(again)).toBe(failure)
    }
    expect([frames.length, decoder.bufferedBytes]).toEqual([1, 0])
  })

  it('says where in the stream the header stood, also when it spanned chunks or waited', () => {
    const decoder = new FrameDecoder({ frameBytesMax: 10 })
    decoder.push(frameOf(patterned(10)).subarray(0, 9), () => undefined)
    decoder.push(concat(frameOf(patterned(10)).subarray(9), frameOf(hex('01')), hex('7fff')))
    decoder.next()
    decoder.keep()
    decoder.push(hex('ffff'))
    decoder.next()
    expect(failureOf(() => decoder.next()).streamOffset).toBe(19)
  })

  it.each([
    ['GET / HTTP/1.1\r\n', 'http', 'HTTP'],
    ['POST /', 'http', 'HTTP'],
    ['HTTP/1.1 400 Bad Request', 'http', 'HTTP'],
    ['PRI * HTTP/2.0', 'http2', 'HTTP/2'],
    ['SSH-2.0-OpenSSH', 'ssh', 'SSH'],
    ['\x16\x03\x01\x00\xc8', 'tls', 'a TLS hello'],
  ] as const)('names the protocol that %j looks like', (text, likelyProtocol, word) => {
    for (const format of ['uint32be', 'ascii4'] as const) {
      const failure = failureOf(() => new FrameDecoder({ format }).push(ascii(text), () => undefined))
      expect(failure.likelyProtocol).toBe(likelyProtocol)
      expect(failure.message).toContain(`reads like ${word}: the peer probably speaks another protocol`)
    }
  })

  it('names none where there is none', () => {
    const failure = failureOf(() => new FrameDecoder().push(hex('ffffffff'), () => undefined))
    expect(failure.likelyProtocol).toBeUndefined()
    expect(failure.message).not.toContain('another protocol')
  })
})

describe('the end of the stream', () => {
  it('is fine between frames and before any', () => {
    new FrameDecoder().end()
    const decoder = new FrameDecoder()
    decoder.push(frameOf(hex('01')), () => undefined)
    decoder.end()
    expect(decoder.failure).toBeUndefined()
  })

  it.each([
    ['00', 'after 1 of the 4 bytes of a header'],
    ['000000', 'after 3 of the 4 bytes of a header'],
    ['00000005', 'after 0 of the 5 bytes of a payload'],
    ['00000005aabb', 'after 2 of the 5 bytes of a payload'],
  ])('inside a frame (%s) is TRUNCATED', (bytes, where) => {
    const decoder = new FrameDecoder()
    decoder.push(concat(frameOf(hex('0102')), hex(bytes)), () => undefined)
    const failure = failureOf(() => decoder.end())
    expect(failure).toMatchObject({ code: 'TRUNCATED', streamOffset: 6 })
    expect(failure.message).toContain(where)
    expect(failureOf(() => decoder.next())).toBe(failure)
  })

  it('waits behind frames that were not taken yet', () => {
    const decoder = new FrameDecoder()
    decoder.push(concat(frameOf(hex('01')), hex('0000')))
    decoder.end()
    expect(toHex(decoder.next() ?? hex(''))).toBe('01')
    expect(failureOf(() => decoder.next()).code).toBe('TRUNCATED')
  })

  it('allows no bytes behind it', () => {
    const decoder = new FrameDecoder()
    decoder.end()
    expect(failureOf(() => decoder.push(hex('00'))).code).toBe('ENDED')
  })
})
