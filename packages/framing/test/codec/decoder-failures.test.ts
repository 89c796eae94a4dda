import { describe, expect, it } from 'vitest'
import { FrameDecoder } from '../../src/codec/decoder.ts'
import { ascii, concat, frameOf, hex, patterned, toHex } from '../support/bytes.ts'
import { failureOf } from '../support/decoding.ts'

describe('a decoder that failed', () => {
  it('returns the frames before the error, then always throws the same error and holds nothing', () => {
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

  it('reports the stream offset of the header, even if it spanned chunks or waited', () => {
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

  it('names no protocol if the bytes look like none', () => {
    const failure = failureOf(() => new FrameDecoder().push(hex('ffffffff'), () => undefined))
    expect(failure.likelyProtocol).toBeUndefined()
    expect(failure.message).toMatch(/or send less\.$/)
  })
})

describe('the end of the stream', () => {
  it('is valid between frames and before the first', () => {
    new FrameDecoder().end()
    const decoder = new FrameDecoder()
    decoder.push(frameOf(hex('01')), () => undefined)
    decoder.end()
    expect(decoder.failure).toBeUndefined()
  })

  it.each([
    ['00', 'after 1 of 4 header bytes'],
    ['000000', 'after 3 of 4 header bytes'],
    ['00000005', 'after 0 of 5 payload bytes'],
    ['00000005aabb', 'after 2 of 5 payload bytes'],
  ])('inside a frame (%s) is TRUNCATED', (bytes, where) => {
    const decoder = new FrameDecoder()
    decoder.push(concat(frameOf(hex('0102')), hex(bytes)), () => undefined)
    const failure = failureOf(() => decoder.end())
    expect(failure).toMatchObject({ code: 'TRUNCATED', streamOffset: 6 })
    expect(failure.message).toContain(where)
    expect(failureOf(() => decoder.next())).toBe(failure)
  })

  it('is reported after the frames that were not taken yet', () => {
    const decoder = new FrameDecoder()
    decoder.push(concat(frameOf(hex('01')), hex('0000')))
    decoder.end()
    expect(toHex(decoder.next() ?? hex(''))).toBe('01')
    expect(failureOf(() => decoder.next()).code).toBe('TRUNCATED')
  })

  it('allows no bytes after it', () => {
    const decoder = new FrameDecoder()
    decoder.end()
    expect(failureOf(() => decoder.push(hex('00'))).code).toBe('ENDED')
  })
})
