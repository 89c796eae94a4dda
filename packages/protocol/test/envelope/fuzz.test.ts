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
const credit = fc.record({ items: number, bytes: number })
const extensions = fc.uniqueArray(fc.tuple(number, fc.uint8Array({ maxLength: 20 })), {
  selector: ([id]) => id,
  minLength: 1,
  maxLength: 8,
})
const settings = fc
  .uniqueArray(
    fc.tuple(
      positive.map((id) => id + 12),
      number,
    ),
    {
      selector: ([id]) => Math.min(id, Number.MAX_SAFE_INTEGER),
      maxLength: 6,
    },
  )
  .map((list) => list.filter(([id]) => id <= Number.MAX_SAFE_INTEGER))
const contracts = fc.uniqueArray(
  fc.record({
    name,
    version: positive,
    roles: fc.integer({ min: 1, max: 3 }),
    hash: fc.uint8Array({ minLength: 1, maxLength: 32 }),
  }),
  { selector: (contract) => contract.name, maxLength: 4 },
)
const position = fc.record({ log: fc.uint8Array({ minLength: 1, maxLength: 32 }), number })
const session = fc.uint8Array({ minLength: 1, maxLength: 64 })
const secret = fc.uint8Array({ minLength: 16, maxLength: 64 })
const optional = { requiredKeys: [] as never[] }

function withOptional<T extends object, U extends object>(required: fc.Arbitrary<T>, extra: fc.Arbitrary<U>) {
  return fc.tuple(required, extra).map(([a, b]) => ({ ...a, ...b }))
}

const kind = <K extends Envelope['kind']>(value: K) => fc.constant(value)

/** A body that may continue in further envelopes, which only one with bytes can. */
const pieces = fc
  .tuple(body, fc.boolean())
  .map(([content, more]) => ({ body: content, goesOn: more && content.bytes.length > 0 }))
const piece = fc.tuple(fc.constantFrom('codec', 'raw'), fc.uint8Array({ minLength: 1, maxLength: 60 }))
const eventAndTopic = { event: name, topic: text }

const kindsOfEnvelopes = fc.oneof(
  withOptional(
    fc.record({
      kind: kind('hello'),
      codecs: fc.array(name, { maxLength: 16 }),
      settings,
      contracts,
      metadata,
      body,
    }),
    fc
      .tuple(
        positive,
        positive,
        fc.option(fc.record({ session, secret, received: number }), { nil: undefined }),
      )
      .map(([a, b, resume]) => ({
        versionMin: Math.min(a, b),
        versionMax: Math.max(a, b),
        ...(resume === undefined ? {} : { resume }),
      })),
  ),
  withOptional(
    fc.record({ kind: kind('welcome'), version: positive, codec: name, settings, contracts, metadata }),
    fc.oneof(
      fc.constant({}),
      fc.record({ session: fc.record({ session, secret }) }),
      fc.record({ session: fc.record({ session, secret }), received: number }),
    ),
  ),
  withOptional(
    fc.record({ kind: kind('refused'), code: name, text, metadata, body }),
    fc.record({ retryAfterMs: number }, optional),
  ),
  fc.record({ kind: kind('challenge'), id: positive, metadata, body }),
  fc.record({ kind: kind('credentials'), id: number, metadata, body }),
  withOptional(
    fc.record({ kind: kind('verdict'), id: number }),
    fc.record({ refusal: fc.record({ code: name, text }) }, optional),
  ),
  withOptional(
    fc.record({ kind: fc.constantFrom('ping' as const, 'pong' as const), token: number }),
    fc.record({ received: number }, optional),
  ),
  fc.record({ kind: kind('ack'), received: number }),
  withOptional(
    fc.record({ kind: kind('goaway'), code: name, text, metadata }),
    fc.record({ lastCallId: number, retryAfterMs: number }, optional),
  ),
  withOptional(
    fc
      .tuple(
        fc.record({
          kind: kind('call'),
          callId: positive,
          procedure: name,
          upload: fc.boolean(),
          metadata,
        }),
        pieces,
      )
      .map(([a, b]) => ({ ...a, ...b })),
    fc.record({ deadlineMs: number, credit }, optional),
  ),
  withOptional(fc.record({ kind: kind('result'), callId: positive, metadata }), pieces),
  withOptional(
    fc.record({
      kind: kind('failure'),
      callId: positive,
      code: name,
      text,
      maybeExecuted: fc.boolean(),
      metadata,
      body,
    }),
    fc.record({ retryAfterMs: number }, optional),
  ),
  withOptional(fc.record({ kind: kind('item'), callId: positive, sequence: number }), pieces),
  fc.tuple(positive, piece, fc.boolean()).map(([callId, [encoding, content], goesOn]) => ({
    kind: 'more' as const,
    callId,
    body: { encoding, bytes: content },
    goesOn,
  })),
  fc.record({ kind: fc.constantFrom('end' as const, 'started' as const), callId: positive, metadata }),
  withOptional(
    fc.record({ kind: kind('credit'), callId: positive }),
    credit.filter(({ items, bytes: granted }) => items + granted > 0),
  ),
  fc.record({ kind: kind('cancel'), callId: positive, code: name, text }),
  fc.record({ kind: kind('stop'), callId: positive }),
  withOptional(
    fc.record({ kind: kind('subscribe'), callId: positive, ...eventAndTopic, metadata }),
    fc.record({ position }, optional),
  ),
  fc.record({ kind: kind('unsubscribe'), callId: positive, ...eventAndTopic }),
  withOptional(
    fc.record({ kind: kind('event'), ...eventAndTopic, metadata, body }),
    fc.record({ position }, optional),
  ),
  withOptional(
    fc.record({ kind: kind('gap'), ...eventAndTopic, events: number }),
    fc.record({ position }, optional),
  ),
  withOptional(
    fc.record({ kind: kind('oneway'), procedure: name, metadata, body }),
    fc.record({ deadlineMs: number }, optional),
  ),
  fc.record({ kind: kind('skip') }),
)
const envelopes = withOptional(kindsOfEnvelopes, fc.record({ extensions }, optional))

/** The kind or the error code that the decoder gives for these bytes. Any other error fails the test. */
function outcomeOf(payload: Uint8Array): string {
  try {
    return decodeEnvelope(payload).kind
  } catch (error) {
    if (ProtocolError.is(error)) return error.code
    throw error
  }
}

const withoutLimits = {
  metadataEntriesMax: Number.MAX_SAFE_INTEGER,
  metadataBytesMax: Number.MAX_SAFE_INTEGER,
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

  it('encodes any bytes that it decoded to the same envelope in as many bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...golden), fc.nat(), fc.nat(255), ({ hex }, at, byte) => {
        const mutated = bytesOf(hex)
        mutated[at % mutated.length] = byte
        let envelope: ReturnType<typeof decodeEnvelope>
        try {
          envelope = decodeEnvelope(mutated, withoutLimits)
        } catch (error) {
          expect(ProtocolError.is(error) && refusals.has(error.code)).toBe(true)
          return
        }
        if (envelope.kind === 'ignorable') return
        const { header, body: encodedBody } = encodeEnvelope(envelope)
        const again = concat([header, encodedBody])
        // The bytes may differ in the order of pairs, because JavaScript puts a key such as "0" first.
        expect(again).toHaveLength(mutated.length)
        expect(plain(decodeEnvelope(again, withoutLimits))).toEqual(plain(envelope))
      }),
      { numRuns: 5_000 },
    )
  })

  it('throws only a ProtocolError, whatever the bytes', () => {
    const kinds = new Set<string>([...Object.keys(envelopeKinds), 'ignorable', ...refusals])
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (payload) => kinds.has(outcomeOf(payload))),
      { numRuns: 5_000 },
    )
    const afterKind = fc.tuple(
      fc.constantFrom(...Object.values(envelopeKinds)),
      fc.uint8Array({ maxLength: 100 }),
    )
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
