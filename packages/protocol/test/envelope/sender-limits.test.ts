import { describe, expect, it } from 'vitest'
import { decodeEnvelope, type Envelope, encodeEnvelope, envelopeLimits } from '../../src/envelope/index.ts'
import { hello, noBody, welcome } from '../support/raw-peer.ts'

const invalidField = expect.objectContaining({ code: 'INVALID_FIELD' })
const text = (length: number) => 'x'.repeat(length)
const bytes = (length: number) => new Uint8Array(length).fill(7)
const metadata = {}
const topic = ''
const call = { kind: 'call', callId: 1, procedure: 'a', upload: false, metadata, body: noBody } as const
const event = { kind: 'event', event: 'a', topic, metadata, body: noBody } as const
const ticket = { session: bytes(1), secret: bytes(16) }
const contractOf = (part: object) => ({ name: 'a', version: 1, roles: 1, hash: bytes(1), ...part })

type Limit = keyof typeof envelopeLimits

/** Each limited field of each envelope: its minimum length, its limit, and an envelope with a field of length `n`. */
const fields: readonly (readonly [
  field: string,
  least: number,
  limit: Limit,
  of: (length: number) => Envelope,
])[] = [
  ['the procedure of a call', 1, 'nameBytesMax', (n) => ({ ...call, procedure: text(n) })],
  [
    'the procedure of a oneway',
    1,
    'nameBytesMax',
    (n) => ({ kind: 'oneway', procedure: text(n), metadata, body: noBody }),
  ],
  ['the event of an event', 1, 'nameBytesMax', (n) => ({ ...event, event: text(n) })],
  ['the topic of an event', 0, 'topicBytesMax', (n) => ({ ...event, topic: text(n) })],
  ['the log of an event', 1, 'logIdBytesMax', (n) => ({ ...event, position: { log: bytes(n), number: 0 } })],
  [
    'the event of a subscribe',
    1,
    'nameBytesMax',
    (n) => ({ kind: 'subscribe', callId: 1, event: text(n), topic, metadata }),
  ],
  [
    'the topic of a subscribe',
    0,
    'topicBytesMax',
    (n) => ({ kind: 'subscribe', callId: 1, event: 'a', topic: text(n), metadata }),
  ],
  [
    'the event of an unsubscribe',
    1,
    'nameBytesMax',
    (n) => ({ kind: 'unsubscribe', callId: 1, event: text(n), topic }),
  ],
  ['the topic of a gap', 0, 'topicBytesMax', (n) => ({ kind: 'gap', event: 'a', topic: text(n), events: 1 })],
  ['the code of a failure', 1, 'codeBytesMax', (n) => failureOf(text(n), '')],
  ['the text of a failure', 0, 'textBytesMax', (n) => failureOf('A', text(n))],
  [
    'the code of a cancel',
    1,
    'codeBytesMax',
    (n) => ({ kind: 'cancel', callId: 1, code: text(n), text: '' }),
  ],
  [
    'the text of a cancel',
    0,
    'textBytesMax',
    (n) => ({ kind: 'cancel', callId: 1, code: 'A', text: text(n) }),
  ],
  ['the code of a goaway', 1, 'codeBytesMax', (n) => ({ kind: 'goaway', code: text(n), text: '', metadata })],
  [
    'the text of a goaway',
    0,
    'textBytesMax',
    (n) => ({ kind: 'goaway', code: 'A', text: text(n), metadata }),
  ],
  ['the code of a refusal', 1, 'codeBytesMax', (n) => refusedFor(text(n), '')],
  ['the text of a refusal', 0, 'textBytesMax', (n) => refusedFor('A', text(n))],
  ['the code of a verdict', 1, 'codeBytesMax', (n) => verdictOf(text(n), '')],
  ['the text of a verdict', 0, 'textBytesMax', (n) => verdictOf('A', text(n))],
  [
    'the codecs of a hello',
    0,
    'codecsMax',
    (n) => ({ ...hello, codecs: Array.from({ length: n }, () => 'a') }),
  ],
  ['a codec of a hello', 1, 'codeBytesMax', (n) => ({ ...hello, codecs: [text(n)] })],
  [
    'the settings of a hello',
    0,
    'settingsMax',
    (n) => ({ ...hello, settings: Array.from({ length: n }, (_, id) => [100 + id, 1] as const) }),
  ],
  ['the contracts of a hello', 0, 'contractsMax', (n) => ({ ...hello, contracts: versions(n) })],
  [
    'the name of a contract',
    1,
    'contractNameBytesMax',
    (n) => ({ ...hello, contracts: [contractOf({ name: text(n) })] }),
  ],
  [
    'the hash of a contract',
    1,
    'contractHashBytesMax',
    (n) => ({ ...hello, contracts: [contractOf({ hash: bytes(n) })] }),
  ],
  [
    'a session to resume',
    1,
    'sessionIdBytesMax',
    (n) => ({ ...hello, resume: { ...ticket, session: bytes(n), received: 0 } }),
  ],
  [
    'its secret',
    16,
    'secretBytesMax',
    (n) => ({ ...hello, resume: { ...ticket, secret: bytes(n), received: 0 } }),
  ],
  ['the codec of a welcome', 1, 'codeBytesMax', (n) => ({ ...welcome, codec: text(n) })],
  ['the contracts of a welcome', 0, 'contractsMax', (n) => ({ ...welcome, contracts: versions(n) })],
  [
    'the session of a welcome',
    1,
    'sessionIdBytesMax',
    (n) => ({ ...welcome, session: { ...ticket, session: bytes(n) } }),
  ],
  [
    'the secret of a welcome',
    16,
    'secretBytesMax',
    (n) => ({ ...welcome, session: { ...ticket, secret: bytes(n) } }),
  ],
]

describe('the encoder accepts exactly the lengths that the receiver accepts:', () => {
  it.each(fields)('%s, from %i to %s', (_field, least, limit, of) => {
    const most = envelopeLimits[limit]
    for (const length of [least, most]) {
      const { header } = encodeEnvelope(of(length))
      expect(decodeEnvelope(header)).toMatchObject(of(length))
    }
    const wrong = least === 0 ? [] : [least - 1]
    for (const length of [...wrong, most + 1, 4 * most])
      expect(() => encodeEnvelope(of(length)), `${length}`).toThrow(invalidField)
  })

  it('there is a case for every limit of a field', () => {
    const elsewhere: readonly Limit[] = [
      'varintMax',
      'fingerprintBytesMax',
      'extensionsMax',
      'extensionsBytesMax',
      'secretBytesMin',
      'frameBytesFloor',
      'frameBytesCeiling',
    ]
    const here = new Set([...elsewhere, ...fields.map(([, , limit]) => limit)])
    expect([...here].sort()).toEqual(Object.keys(envelopeLimits).sort())
  })
})

function failureOf(code: string, text: string): Envelope {
  return { kind: 'failure', callId: 1, code, text, maybeExecuted: false, metadata, body: noBody }
}

function refusedFor(code: string, text: string): Envelope {
  return { kind: 'refused', code, text, metadata, body: noBody }
}

function verdictOf(code: string, text: string): Envelope {
  return { kind: 'verdict', id: 1, refusal: { code, text } }
}

function versions(count: number) {
  return Array.from({ length: count }, (_, index) => contractOf({ version: index + 1 }))
}
