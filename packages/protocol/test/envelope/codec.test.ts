import { describe, expect, it } from 'vitest'
import { json, noBody as none } from '../../../../tests/support/envelopes.ts'
import {
  decodeBody,
  decodeEnvelope,
  type Envelope,
  type EnvelopeBody,
  type Extensions,
  encodeBody,
  encodeEnvelope,
  envelopeLimits,
  metadataOverLimit,
} from '../../src/envelope/index.ts'
import { fitText } from '../../src/envelope/text.ts'
import { hexOf } from '../support/vectors.ts'

const invalidBody = expect.objectContaining({ code: 'INVALID_BODY' })
const invalidField = expect.objectContaining({ code: 'INVALID_FIELD' })
const ticket = { session: Uint8Array.of(1), secret: new Uint8Array(16) }
const contractOf = (version: number) => ({ name: 'a', version, roles: 1, hash: Uint8Array.of(1) })
const smallestHello: Extract<Envelope, { kind: 'hello' }> = {
  kind: 'hello',
  versionMin: 1,
  versionMax: 1,
  codecs: [],
  settings: [],
  contracts: [],
  metadata: {},
  body: none,
}
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
  ])('%i is encoded as %s and decoded from it', (token, hex) => {
    const { header } = encodeEnvelope(ping(token))
    expect(hexOf(header)).toBe(`4600${hex}`)
    expect(decodeEnvelope(header)).toMatchObject(ping(token))
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

  it('passes on the bytes of the body without a copy', () => {
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
      'bytes in a body of the encoding none',
      { ...call, body: { encoding: 'none', bytes: Uint8Array.of(1) } as EnvelopeBody },
    ],
    ['an empty credit', { kind: 'credit', callId: 1, items: 0, bytes: 0 }],
    ['an unfinished body of the encoding none', { ...call, goesOn: true }],
    ['an empty piece', { kind: 'more', callId: 1, body: { encoding: 'raw', bytes: new Uint8Array(0) } }],
    [
      'an extension twice',
      {
        ...call,
        extensions: [
          [5, none.bytes],
          [5, none.bytes],
        ],
      },
    ],
    ['17 extensions', { ...call, extensions: manyExtensions(17) }],
    ['extensions of 1025 bytes', { ...call, extensions: [[5, new Uint8Array(1022)]] }],
  ])('refuses %s', (_, envelope) => {
    expect(() => encodeEnvelope(envelope as Envelope)).toThrow(invalidField)
  })

  it('accepts a name at its limit', () => {
    const { header } = encodeEnvelope({ ...call, procedure: 'x'.repeat(envelopeLimits.nameBytesMax) })
    expect(decodeEnvelope(header)).toMatchObject({ procedure: 'x'.repeat(1024) })
  })
})

describe('the encoder, at its limits', () => {
  it.each([
    ['16 extensions', manyExtensions(16)],
    ['extensions of 1024 bytes', [[5, new Uint8Array(1021)]] as Extensions],
  ])('accepts %s', (_, extensions) => {
    const { header } = encodeEnvelope({ kind: 'skip', extensions })
    expect(decodeEnvelope(header)).toEqual({ kind: 'skip', extensions })
  })

  it.each([
    [
      'a setting twice',
      {
        settings: [
          [99, 1],
          [99, 1],
        ] as const,
      },
    ],
    ['a setting out of its range', { settings: [[1, 4_095]] as const }],
    ['65 settings', { settings: Array.from({ length: 65 }, (_, id) => [100 + id, 1] as const) }],
    ['a contract twice', { contracts: [contractOf(1), contractOf(1)] }],
    ['65 contracts', { contracts: Array.from({ length: 65 }, (_, index) => contractOf(index + 1)) }],
    ['a contract without a role', { contracts: [{ ...contractOf(1), roles: 0 }] }],
    ['a contract with an unknown role', { contracts: [{ ...contractOf(1), roles: 4 }] }],
    ['version 0 of a contract', { contracts: [contractOf(0)] }],
    ['a hash of 33 bytes', { contracts: [{ ...contractOf(1), hash: new Uint8Array(33) }] }],
    ['a secret of 15 bytes', { resume: { ...ticket, secret: new Uint8Array(15), received: 0 } }],
    ['versions that are not a range', { versionMin: 2 }],
  ])('refuses a hello with %s', (_, part) => {
    expect(() => encodeEnvelope({ ...smallestHello, ...part })).toThrow(invalidField)
  })

  it('refuses a welcome with a received count but without a session', () => {
    expect(() =>
      encodeEnvelope({
        kind: 'welcome',
        version: 1,
        codec: 'json',
        settings: [],
        contracts: [],
        received: 1,
        metadata: {},
      }),
    ).toThrow(invalidField)
  })
})

describe('metadata over the limits of the receiver', () => {
  const end = (metadata: Record<string, string>) =>
    encodeEnvelope({ kind: 'end', callId: 1, metadata }).header
  const limits = { metadataEntriesMax: 2, metadataBytesMax: 6 }

  it.each([
    ['at both limits are kept', { a: 'bc', d: 'ef' }, false],
    ['one pair over the limit are replaced', { a: '', b: '', c: '' }, true],
    ['one byte over the limit are replaced', { a: 'bc', d: 'efg' }, true],
    ['far over the limit are replaced', { a: 'x'.repeat(100_000) }, true],
  ])('%s', (_, metadata, over) => {
    const envelope = decodeEnvelope(end(metadata), limits)
    expect(envelope.kind === 'end' && envelope.metadata === metadataOverLimit).toBe(over)
    if (!over) expect(envelope).toMatchObject({ metadata })
  })

  it('are skipped, so that malformed ones do not matter', () => {
    const bytes = end({ a: '', b: '', c: '' })
    bytes[5] = 0xff
    expect(decodeEnvelope(bytes, limits)).toMatchObject({ kind: 'end', callId: 1 })
  })
})

describe('the decoder', () => {
  it('gives a body as a view of the payload', () => {
    const payload = Uint8Array.of(2, 2, 1, 9, 8, 7)
    const envelope = decodeEnvelope(payload)
    expect(envelope.kind === 'result' && envelope.body.bytes.buffer).toBe(payload.buffer)
  })

  it('keeps a byte order mark as the character it is', () => {
    const { header } = encodeEnvelope({ kind: 'cancel', callId: 1, code: 'A', text: '\ufeffx' })
    expect(decodeEnvelope(header)).toMatchObject({ text: '\ufeffx' })
  })

  it('accepts __proto__ in metadata as an ordinary key', () => {
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
    [null, 'null'],
  ])('%j is %s', (value, text) => {
    expect(new TextDecoder().decode(encodeBody({ kind: 'value', value }).bytes)).toBe(text)
  })

  it('of undefined is an empty body', () => {
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
  ])('with the key __proto__ is refused in any spelling: %s', (text) => {
    expect(() => decodeBody(json(text))).toThrow(invalidBody)
  })

  it.each(['"__proto__"', '{"text":"__proto__"}', '{"constructor":{"prototype":1}}'])(
    '%s is harmless and accepted',
    (text) => {
      expect(decodeBody(json(text))).toEqual({ kind: 'value', value: JSON.parse(text) })
    },
  )

  const nested = (depth: number, open = '[', close = ']') => `${open.repeat(depth)}1${close.repeat(depth)}`

  it.each([
    ['arrays', nested(128)],
    ['objects', nested(128, '{"a":', '}')],
    ['many siblings', `[${Array.from({ length: 1_000 }, () => '[]').join(',')}]`],
    ['brackets in strings', JSON.stringify('['.repeat(1_000))],
    ['escaped quotes', JSON.stringify(`"${'[{'.repeat(1_000)}\\"`)],
  ])('of %s at the maximum depth is accepted', (_, text) => {
    expect(decodeBody(json(text))).toEqual({ kind: 'value', value: JSON.parse(text) })
  })

  it.each([
    ['one level over', nested(129)],
    ['one level over, in objects', nested(129, '{"a":', '}')],
    ['far over', nested(200_000)],
    ['one level over, after a string,', `["\\"",${nested(128)}]`],
  ])('nested %s the maximum depth is refused', (_, text) => {
    expect(() => decodeBody(json(text))).toThrow(invalidBody)
  })
})

describe('a raw body', () => {
  it('is copied, because the bytes of the frame are only lent', () => {
    const bytes = Uint8Array.of(1, 2)
    const body = decodeBody({ encoding: 'raw', bytes })
    bytes.fill(9)
    expect(body).toEqual({ kind: 'raw', bytes: Uint8Array.of(1, 2) })
  })

  it('of no bytes is still a raw body', () => {
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
  ])('%j is cut to %i bytes as %j', (text, max, fitted) => {
    expect(fitText(text, max)).toBe(fitted)
  })
})

function manyExtensions(count: number): Extensions {
  return Array.from({ length: count }, (_, id) => [id, none.bytes])
}

function assertNever(): never {
  throw new Error('no')
}
