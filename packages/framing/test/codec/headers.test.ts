import { describe, expect, it } from 'vitest'
import { FrameDecoder, FrameEncoder, type FrameFormat } from '../../src/index.ts'
import { ascii, concat, frameOf, hex, patterned, toHex } from '../support/bytes.ts'
import { decodeAll, failureOf } from '../support/decoding.ts'

const length = 0x01020304

describe('each byte of a header', () => {
  it.each<[FrameFormat, string]>([
    ['uint32be', '01020304'],
    ['uint32le', '04030201'],
  ])('has its position in %s', (format, header) => {
    const refused = failureOf(() => new FrameDecoder({ format }).push(hex(header), () => undefined))
    expect(refused).toMatchObject({ code: 'FRAME_TOO_LONG', announcedBytes: length })
    const encoder = new FrameEncoder({ format, frameBytesMax: length })
    expect(toHex(encoder.encode(new Uint8Array(length))[0] ?? hex(''))).toBe(header)
  })

  it('is one digit in ascii4', () => {
    const payload = patterned(1234)
    expect(decodeAll([concat(ascii('1234'), payload)], { format: 'ascii4' })).toEqual([payload])
    const [header] = new FrameEncoder({ format: 'ascii4' }).encode(payload)
    expect(toHex(header ?? hex(''))).toBe(toHex(ascii('1234')))
  })

  it.each([0, 1, 2, 3])('is refused in ascii4 if it is not a digit, at position %i', (place) => {
    for (const [wrong, others] of [
      ['/', '9999'],
      [':', '0000'],
    ] as const) {
      const header = ascii(others.slice(0, place) + wrong + others.slice(place + 1))
      const push = () => new FrameDecoder({ format: 'ascii4' }).push(header, () => undefined)
      expect(failureOf(push).code).toBe('CORRUPT_LENGTH')
      expect(failureOf(push).message).toContain(
        `The header bytes ${toHex(header).replace(/(..)(?=.)/g, '$1 ')} are`,
      )
    }
    for (const digit of ['0', '9']) {
      const decoder = new FrameDecoder({ format: 'ascii4' })
      decoder.push(ascii('0000'.slice(0, place) + digit + '0000'.slice(place + 1)))
      decoder.next()
      expect(decoder.failure).toBeUndefined()
    }
  })
})

it('a header of control characters is shown with two digits for each byte', () => {
  const push = () => new FrameDecoder({ format: 'ascii4' }).push(hex('0001000f'), () => undefined)
  expect(failureOf(push).message).toContain('The header bytes 00 01 00 0f are not')
})

describe('the likely protocol of a header', () => {
  it.each(['GET ', 'POST', 'PUT ', 'HEAD', 'DELE', 'OPTI', 'PATC', 'CONN', 'TRAC', 'HTTP'])(
    'is HTTP for %j',
    (text) => {
      const push = () => new FrameDecoder().push(ascii(text), () => undefined)
      expect(failureOf(push).likelyProtocol).toBe('http')
    },
  )

  it('is judged by the bytes of the header, not by those at the start of its chunk', () => {
    const decoder = new FrameDecoder()
    const push = () => decoder.push(concat(frameOf(hex('01')), ascii('GET /')), () => undefined)
    expect(failureOf(push)).toMatchObject({ likelyProtocol: 'http', streamOffset: 5 })
  })

  it.each([
    ['{"a":1}', 'json'],
    ['{}\r\n', 'json'],
    ['{\n  "a": 1', 'json'],
    ['[1,2]', 'json'],
    ['[]\r\n', 'json'],
    ['[{"a":1}]', 'json'],
    ['[info] ready', 'text'],
    ['{{name}}', 'text'],
    ['EHLO mail', 'text'],
    ['hi\r\n', 'text'],
    ['220 ready', 'text'],
    ['~~~~', 'text'],
  ] as const)('of text without a length, such as %j, is %s', (written, likelyProtocol) => {
    const failure = failureOf(() => new FrameDecoder().push(ascii(written), () => undefined))
    expect(failure).toMatchObject({ code: 'FRAME_TOO_LONG', likelyProtocol })
    const word = likelyProtocol === 'json' ? 'JSON' : 'plain text'
    expect(failure.message).toContain(
      `reads like ${word}: the peer probably sends it without the 4-byte length in front`,
    )
  })

  it.each(['20202019', '2020207f', '20202080', '7b220000'])('is undefined for the bytes %s', (bytes) => {
    expect(failureOf(() => new FrameDecoder().push(hex(bytes), () => undefined)).likelyProtocol).toBe(
      undefined,
    )
  })

  it('is undefined for the four digits of ascii4', () => {
    const push = () => new FrameDecoder().push(ascii('0012'), () => undefined)
    expect(failureOf(push).likelyProtocol).toBeUndefined()
  })

  it.each(['16000000', '15030000'])('is not TLS for the bytes %s', (bytes) => {
    expect(failureOf(() => new FrameDecoder().push(hex(bytes), () => undefined)).likelyProtocol).toBe(
      undefined,
    )
  })
})

describe('a refused limit', () => {
  it('is a property of the error if it is a number', () => {
    for (const [wrong, detail] of [
      [-1, -1],
      ['5', undefined],
    ] as const) {
      const make = () => new FrameEncoder({ frameBytesMax: wrong as never })
      expect(failureOf(make)).toMatchObject({ code: 'INVALID_OPTION', frameBytesMax: detail })
      expect(failureOf(make).message).toContain('frameBytesMax is ')
    }
  })

  it.each<FrameFormat>(['uint32be', 'uint32le', 'ascii4'])(
    'of %s may be 0 and the largest length',
    (format) => {
      const largest = format === 'ascii4' ? 9999 : 0xffff_ffff
      for (const frameBytesMax of [0, largest]) {
        expect(new FrameDecoder({ format, frameBytesMax }).frameBytesMax).toBe(frameBytesMax)
        expect(new FrameEncoder({ format, frameBytesMax }).frameBytesMax).toBe(frameBytesMax)
      }
      const over = () => new FrameDecoder({ format, frameBytesMax: largest + 1 })
      expect(failureOf(over).message).toContain(
        `with the format ${format} it must be an integer from 0 to ${largest}`,
      )
    },
  )

  it('is the default again if it is set to undefined', () => {
    const decoder = new FrameDecoder({ frameBytesMax: 5 })
    decoder.frameBytesMax = undefined as never
    expect(decoder.frameBytesMax).toBe(1024 * 1024)
  })
})

describe('an offset in a target', () => {
  it('may be any that leaves enough room', () => {
    const target = new Uint8Array(9)
    expect(new FrameEncoder().encodeInto(hex('aabb'), target, 3)).toBe(6)
    expect(toHex(target)).toBe('00000000000002aabb')
    const tooFar = () => new FrameEncoder().encodeInto(hex('aabb'), target, 4)
    expect(failureOf(tooFar)).toMatchObject({ code: 'TARGET_TOO_SMALL', announcedBytes: 2 })
  })
})
