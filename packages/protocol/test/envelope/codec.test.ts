import { describe, expect, it } from 'vitest'
import {
  decodeBody,
  decodeEnvelope,
  type Envelope,
  type EnvelopeBody,
  encodeBody,
  encodeEnvelope,
  envelopeLimits,
} from '../../src/envelope/index.ts'
import { fitText } from '../../src/envelope/text.ts'
import { hexOf } from '../support/vectors.ts'

const none: EnvelopeBody = { encoding: 'none', bytes: new Uint8Array(0) }
const json = (text: string): EnvelopeBody => ({ encoding: 'codec', bytes: new TextEncoder().encode(text) })
const invalidBody = expect.objectContaining({ code: 'INVALID_BODY' })
const invalidField = expect.objectContaining({ code: 'INVALID_FIELD' })
const ping = (token: number): Envelope => ({ kind: 'ping', token })

describe('numbers', () => {
  it.each([
    [0, '00'],
    [1, '01'],
    [127, '7f'],
    [128, '8001'],
    [16_383, 'ff7f'],
    [16_384, '808001'],
    [2 ** 21 - 1, 'ffff7f'],
    [2 ** 28, '8080808001'],
    [2 ** 31, '8080808008'],
    [2 ** 32 - 1, 'ffffffff0f'],
    [2 ** 49 - 1, 'ffffffffffff7f'],
    [2 ** 53 - 1, 'ffffffffffffff0f'],
  ])('%i is %s, both ways', (token, hex) => {
    const { header } = encodeEnvelope(ping(token))
    expect(hexOf(header)).toBe(`0d0000${hex}`)
    expect(decodeEnvelope(header)).toEqual(ping(token))
  })

  it.each([-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])('%d cannot be sent', (token) => {
    expect(() => encodeEnvelope(ping(token))).toThrow(invalidField)
  })
})

describe('the encoder', () => {
  const call: Extract<Envelope, { kind: 'call' }> = {
    kind: 'call',
    callId: 1,
    procedure: 'a/b',
    upload: false,
    metadata: {},
    body: none,
  }

  it('hands out the very bytes of the body, not a copy', () => {
    const bytes = Uint8Array.of(1, 2, 3)
    expect(encodeEnvelope({ ...call, body: { encoding: 'raw', bytes } }).body).toBe(bytes)
  })

  it.each([
    ['a name with half a surrogate pair', { ...call, procedure: 'a\ud800' }],
    ['metadata with half a surrogate pair', { ...call, metadata: { k: '\udc00' } }],
    ['a name of no bytes', { ...call, procedure: '' }],
    ['a name over its limit', { ...call, procedure: 'x'.repeat(envelopeLimits.nameBytesMax + 1) }],
    ['call id 0', { ...call, callId: 0 }],
    [
      'bytes in a body of none',
      { ...call, body: { encoding: 'none', bytes: Uint8Array.of(1) } as EnvelopeBody },
    ],
    ['credit of 0', { kind: 'credit', callId: 1, items: 0 } as Envelope],
    ['event 0', { kind: 'event', sequence: 0, event: 'a', topic: '', metadata: {}, body: none } as Envelope],
  ])('refuses %s', (_, envelope) => {
    expect(() => encodeEnvelope(envelope as Envelope)).toThrow(invalidField)
  })

  it('takes a name at its limit', () => {
    const { header } = encodeEnvelope({ ...call, procedure: 'x'.repeat(envelopeLimits.nameBytesMax) })
    expect(decodeEnvelope(header)).toMatchObject({ procedure: 'x'.repeat(1024) })
  })
})

describe('the decoder', () => {
  it('gives a body as a view of the payload', () => {
    const payload = Uint8Array.of(4, 2, 1, 9, 8, 7)
    const envelope = decodeEnvelope(payload)
    expect(envelope.kind === 'result' && envelope.body.bytes.buffer).toBe(payload.buffer)
  })

  it('keeps a byte order mark as the character it is', () => {
    const { header } = encodeEnvelope({ kind: 'cancel', callId: 1, code: 'A', text: '\ufeffx' })
    expect(decodeEnvelope(header)).toMatchObject({ text: '\ufeffx' })
  })

  it('takes a key __proto__ in metadata and fingerprints as a key like any other', () => {
    const metadata = JSON.parse('{"__proto__":"x"}') as Record<string, string>
    const { header } = encodeEnvelope({ kind: 'end', callId: 1, metadata })
    const envelope = decodeEnvelope(header)
    expect(envelope.kind === 'end' && Object.entries(envelope.metadata)).toEqual([['__proto__', 'x']])
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  })
})

describe('a JSON body', () => {
  it.each([
    [{ a: [1, 'x', null, true] }, '{"a":[1,"x",null,true]}'],
    ['\ud800', '"\\ud800"'],
    [{ left: undefined, kept: 1 }, '{"kept":1}'],
    [[undefined, Number.NaN], '[null,null]'],
    [null, 'null'],
  ])('%j is %s', (value, text) => {
    expect(new TextDecoder().decode(encodeBody({ kind: 'value', value }).bytes)).toBe(text)
  })

  it('of undefined is no body', () => {
    expect(encodeBody({ kind: 'value', value: undefined })).toEqual(none)
    expect(decodeBody(none)).toEqual({ kind: 'none' })
  })

  it.each([
    ['a BigInt', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a toJSON that throws', { toJSON: () => assertNever() }],
  ])('of %s cannot be sent', (_, value) => {
    expect(() => encodeBody({ kind: 'value', value })).toThrow(invalidBody)
  })

  it('of a cycle cannot be sent', () => {
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    expect(() => encodeBody({ kind: 'value', value: cycle })).toThrow(invalidBody)
  })

  it.each(['', ' ', '{', '{"a":}', "{'a':1}", '01', 'NaN', '[1,]', '\ufeff1', 'undefined', '"\u0001"'])(
    '%j is refused',
    (text) => {
      expect(() => decodeBody(json(text))).toThrow(invalidBody)
    },
  )

  it('in invalid UTF-8 is refused', () => {
    expect(() => decodeBody({ encoding: 'codec', bytes: Uint8Array.of(0x22, 0xff, 0x22) })).toThrow(
      invalidBody,
    )
  })

  it.each([
    '{"__proto__":{"admin":true}}',
    '[{"a":{"__proto__":1}}]',
    '{"\\u005f_proto__":1}',
    '{"__pr\\u006fto__":1}',
    '{"\\u005F\\u005fproto\\u005f\\u005f":{}}',
  ])('with the key __proto__ is refused, however it is spelt: %s', (text) => {
    expect(() => decodeBody(json(text))).toThrow(invalidBody)
  })

  it.each(['"__proto__"', '{"text":"__proto__"}', '{"constructor":{"prototype":1}}'])(
    '%s is harmless and taken',
    (text) => {
      expect(decodeBody(json(text))).toEqual({ kind: 'value', value: JSON.parse(text) })
    },
  )

  it('nested 200,000 deep is taken or refused, and nothing else happens', () => {
    const deep = `${'['.repeat(200_000)}"__proto__"${']'.repeat(200_000)}`
    expect(decodeBody(json(deep)).kind).toBe('value')
  })
})

describe('a raw body', () => {
  it('is copied, because the frame is only lent', () => {
    const bytes = Uint8Array.of(1, 2)
    const body = decodeBody({ encoding: 'raw', bytes })
    bytes.fill(9)
    expect(body).toEqual({ kind: 'raw', bytes: Uint8Array.of(1, 2) })
  })

  it('of no bytes is a body', () => {
    expect(decodeBody({ encoding: 'raw', bytes: new Uint8Array(0) })).toEqual({
      kind: 'raw',
      bytes: new Uint8Array(0),
    })
  })
})

describe('a text that is too long', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abc', 2, 'ab'],
    ['aä', 2, 'a'],
    ['a\u{1f600}', 4, 'a'],
    ['x\ud800', 10, 'x\ufffd'],
  ])('%j fits into %i bytes as %j', (text, max, fitted) => {
    expect(fitText(text, max)).toBe(fitted)
  })
})

function assertNever(): never {
  throw new Error('no')
}
