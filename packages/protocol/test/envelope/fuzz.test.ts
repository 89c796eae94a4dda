import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeEnvelope, type Envelope, encodeEnvelope, envelopeKinds } from '../../src/envelope/index.ts'
import { ProtocolError } from '../../src/index.ts'
import { bytesOf, concat, golden, plain } from '../support/vectors.ts'

const number = fc.oneof(
  fc.maxSafeNat(),
  fc.constantFrom(
    0,
    1,
    127,
    128,
    16_383,
    16_384,
    2 ** 21,
    2 ** 28,
    2 ** 32,
    2 ** 35,
    2 ** 49,
    Number.MAX_SAFE_INTEGER,
  ),
)
const positive = number.map((value) => Math.max(1, value))
const text = fc.string({ unit: 'binary', maxLength: 40 })
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
const metadata = fc.dictionary(name, text, { maxKeys: 5 })
const bytes = fc.uint8Array({ maxLength: 60 })
const body = fc.oneof(
  fc.constant({ encoding: 'none', bytes: new Uint8Array(0) } as const),
  bytes.map((content) => ({ encoding: 'codec', bytes: content }) as const),
  bytes.map((content) => ({ encoding: 'raw', bytes: content }) as const),
)
const limits = fc.record({
  frameBytesMax: fc.integer({ min: 4096, max: Number.MAX_SAFE_INTEGER }),
  bodyBytesMax: number,
  callsInFlightMax: number,
  metadataEntriesMax: number,
  metadataBytesMax: number,
  heartbeatIntervalMs: number,
  heartbeatTimeoutMs: number,
})
const contracts = fc.uniqueArray(
  fc.record({ name, version: number, fingerprints: fc.dictionary(name, text, { maxKeys: 4 }) }),
  { selector: (contract) => contract.name, maxLength: 4 },
)
const token = fc.uint8Array({ minLength: 1, maxLength: 20 })
const optional = { requiredKeys: [] as never[] }

function withOptional<T extends object, U extends object>(required: fc.Arbitrary<T>, extra: fc.Arbitrary<U>) {
  return fc.tuple(required, extra).map(([a, b]) => ({ ...a, ...b }))
}

const kind = <K extends Envelope['kind']>(value: K) => fc.constant(value)

const envelopes = fc.oneof(
  withOptional(
    fc.record({
      kind: kind('hello'),
      codecs: fc.array(name, { maxLength: 16 }),
      limits,
      contracts,
      metadata,
      body,
    }),
    fc
      .tuple(positive, positive, fc.option(fc.record({ token, eventSequence: number }), { nil: undefined }))
      .map(([a, b, resume]) => ({
        versionMin: Math.min(a, b),
        versionMax: Math.max(a, b),
        ...(resume === undefined ? {} : { resume }),
      })),
  ),
  withOptional(
    fc.record({ kind: kind('welcome'), version: positive, codec: name, limits, contracts, metadata }),
    fc.record({ resume: fc.record({ token, eventSequence: number, resumed: fc.boolean() }) }, optional),
  ),
  withOptional(
    fc.record({
      kind: kind('call'),
      callId: positive,
      procedure: name,
      upload: fc.boolean(),
      metadata,
      body,
    }),
    fc.record({ deadlineMs: number, credit: number }, optional),
  ),
  fc.record({ kind: kind('result'), callId: positive, metadata, body }),
  fc.record({
    kind: kind('failure'),
    callId: number,
    code: name,
    text,
    maybeExecuted: fc.boolean(),
    metadata,
    body,
  }),
  fc.record({ kind: kind('item'), callId: positive, sequence: number, body }),
  fc.record({ kind: kind('end'), callId: positive, metadata }),
  fc.record({ kind: kind('credit'), callId: positive, items: positive }),
  fc.record({ kind: kind('cancel'), callId: positive, code: name, text }),
  withOptional(
    fc.record({ kind: kind('event'), sequence: positive, event: name, topic: text, metadata, body }),
    fc.record({ position: number }, optional),
  ),
  withOptional(
    fc.record({ kind: kind('subscribe'), callId: positive, event: name, topic: text, metadata }),
    fc.record({ after: number }, optional),
  ),
  fc.record({ kind: kind('unsubscribe'), callId: positive, event: name, topic: text }),
  fc.record({ kind: fc.constantFrom('ping' as const, 'pong' as const), token: number }),
  fc.record({ kind: kind('goaway'), code: name, text, lastCallId: number, metadata }),
)

/** What the decoder makes of bytes; anything but an envelope or a ProtocolError fails the test. */
function outcomeOf(payload: Uint8Array): string {
  try {
    return decodeEnvelope(payload).kind
  } catch (error) {
    if (ProtocolError.is(error)) return error.code
    throw error
  }
}

const refusals = new Set(['MALFORMED_ENVELOPE', 'UNKNOWN_KIND'])

describe('the envelope codec', () => {
  it('decodes what it encodes, for every kind', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(envelopes, (envelope) => {
        const { header, body: encodedBody } = encodeEnvelope(envelope as Envelope)
        const whole = concat([header, encodedBody])
        expect(plain(decodeEnvelope(whole))).toEqual(plain(envelope))
        seen.add(envelope.kind)
      }),
      { numRuns: 3_000 },
    )
    expect(seen).toEqual(new Set(Object.keys(envelopeKinds)))
  })

  it('encodes what it decodes into the same envelope and as many bytes, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...golden), fc.nat(), fc.nat(255), ({ hex }, at, byte) => {
        const mutated = bytesOf(hex)
        mutated[at % mutated.length] = byte
        let envelope: ReturnType<typeof decodeEnvelope>
        try {
          envelope = decodeEnvelope(mutated)
        } catch (error) {
          expect(ProtocolError.is(error) && refusals.has(error.code)).toBe(true)
          return
        }
        if (envelope.kind === 'ignorable') return
        const { header, body: encodedBody } = encodeEnvelope(envelope)
        const again = concat([header, encodedBody])
        // The bytes themselves may differ in the order of pairs: JavaScript puts a key such as "0" first.
        expect(again).toHaveLength(mutated.length)
        expect(plain(decodeEnvelope(again))).toEqual(plain(envelope))
      }),
      { numRuns: 5_000 },
    )
  })

  it('throws nothing but a ProtocolError for any bytes', () => {
    const kinds = new Set<string>([...Object.keys(envelopeKinds), 'ignorable', ...refusals])
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (payload) => kinds.has(outcomeOf(payload))),
      { numRuns: 5_000 },
    )
    const afterKind = fc.tuple(fc.integer({ min: 1, max: 15 }), fc.uint8Array({ maxLength: 100 }))
    fc.assert(
      fc.property(afterKind, ([code, rest]) => kinds.has(outcomeOf(Uint8Array.of(code, ...rest)))),
      { numRuns: 5_000 },
    )
  })

  it('never changes the bytes it decodes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...golden), ({ hex }) => {
        const payload = bytesOf(hex)
        decodeEnvelope(payload)
        expect(payload).toEqual(bytesOf(hex))
      }),
    )
  })
})
