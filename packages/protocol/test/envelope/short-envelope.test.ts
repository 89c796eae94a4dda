import { describe, expect, it, onTestFinished } from 'vitest'
import { decodeEnvelope } from '../../src/envelope/decode-envelope.ts'
import { encodeEnvelope } from '../../src/envelope/encode-envelope.ts'
import { noBody, noMetadata } from '../../src/envelope/envelope-parts.ts'
import type { CallEnvelope, ItemEnvelope, ResultEnvelope } from '../../src/envelope/session-envelopes.ts'
import { encodeShort, giveBack, shortBodyBytes, textBody } from '../../src/envelope/short-envelope.ts'
import type { SessionChannel } from '../../src/session/common/session-channel.ts'
import { EnvelopeWriter } from '../../src/session/flow/envelope-writer.ts'

const result = (callId: number): ResultEnvelope => ({
  kind: 'result',
  callId,
  metadata: noMetadata,
  body: textBody,
})
const last = Number.MAX_SAFE_INTEGER
const item: ItemEnvelope = { kind: 'item', callId: last, sequence: last, body: textBody }

const call = (procedure: string, metadata = noMetadata): CallEnvelope => ({
  kind: 'call',
  callId: 1,
  procedure,
  upload: false,
  metadata,
  body: textBody,
})

/** The same envelope, encoded in the way of long ones. */
function encodedAnew(envelope: CallEnvelope | ResultEnvelope | ItemEnvelope, text: string): number[] {
  const bytes = new TextEncoder().encode(text)
  const { header, body } = encodeEnvelope({ ...envelope, body: { encoding: 'codec', bytes } })
  return [...header, ...body]
}

describe('an envelope with a short text', () => {
  it.each([
    ['of one digit', result(1), '1'],
    ['with the longest header', item, '"kitchen"'],
    ['with characters of two, three and four bytes', result(300), '"äöü — 語 😀"'],
    ['of a call', call('chat@1/join'), '"a"'],
    ['of a call with metadata', call('chat@1/join', { trace: '7' }), '"a"'],
    ['with the maximum number of characters, of three bytes each', item, '語'.repeat(1024)],
  ])('%s is encoded to the same bytes as a long one', (_what, envelope, text) => {
    onTestFinished(giveBack)
    const payload = encodeShort(envelope, text)
    expect([...(payload ?? [])]).toEqual(encodedAnew(envelope, text))
    expect(shortBodyBytes(payload as Uint8Array)).toBe(new TextEncoder().encode(text).length)
  })

  it('is encoded correctly for every length, the first time and again', () => {
    for (const length of [...Array(1024).keys(), ...Array(1024).keys()]) {
      const payload = encodeShort(result(length + 1), 'a'.repeat(length))
      expect(payload?.length).toBe(encodedAnew(result(length + 1), 'a'.repeat(length)).length)
      giveBack()
    }
  })

  it('reuses the memory of the previous one of its length', () => {
    const first = encodeShort(result(1), '"a"')
    giveBack()
    const second = encodeShort(result(2), '"b"')
    giveBack()
    expect(second).toBe(first)
  })

  it('is not encoded when the text is one letter over the limit', () => {
    onTestFinished(giveBack)
    expect(encodeShort(result(1), 'a'.repeat(1025))).toBeUndefined()
  })

  it('is not encoded, and uses no memory, when its header is long', () => {
    onTestFinished(giveBack)
    expect(encodeShort(call('chat@1/join', { trace: 'x'.repeat(600) }), '1')).toBeUndefined()
    expect(encodeShort(call('chat@1/join'), '1')).toBeDefined()
  })

  it('uses no memory when it cannot be sent', () => {
    onTestFinished(giveBack)
    expect(() => encodeShort(result(0), '1')).toThrow('call id')
    expect(encodeShort(result(1), '1')).toBeDefined()
  })
})

it.each([
  ['of one letter', 'a'],
  ['of the maximum length that one byte can encode', 'a'.repeat(127)],
  ['of one byte more than that', 'a'.repeat(128)],
  ['of the maximum length', 'a'.repeat(1024)],
  ['with a character of two bytes at its end', `${'a'.repeat(20)}ü`],
  ['with characters of several bytes each', '語'.repeat(60)],
])('a name %s arrives unchanged', (_what, procedure) => {
  const { header } = encodeEnvelope({ ...call(procedure), body: noBody })
  expect(decodeEnvelope(header)).toMatchObject({ kind: 'call', procedure })
})

it.each([
  ['empty', '', 'procedure has 0 bytes, not 1 to 1024'],
  ['one byte too long', 'a'.repeat(1025), 'procedure has 1025 bytes, not 1 to 1024'],
  ['half of a surrogate pair', 'a\ud800', 'lone surrogate'],
])('a name that is %s is refused', (_what, procedure, text) => {
  expect(() => encodeEnvelope({ ...call(procedure), body: noBody })).toThrow(text)
})

/** A writer, and the payloads that its channel got. */
function writing(whileSending: () => void = () => undefined) {
  const sent: number[][] = []
  const channel: SessionChannel = {
    queuedBytes: 0,
    bytesTaken: 0,
    waitsForAck: false,
    send(payload) {
      whileSending()
      sent.push([...(payload as Uint8Array)])
      return 'sent'
    },
  }
  const writer = new EnvelopeWriter()
  writer.attach(channel)
  return { writer, sent }
}

describe('the memory of short envelopes', () => {
  it('is not overwritten when the channel enters another session inside send', () => {
    const inner = writing()
    const verdicts: unknown[] = []
    const outer = writing(() => verdicts.push(inner.writer.sendText(result(7), '"inner"', 'answer')))
    expect(outer.writer.sendText(result(5), '"outer"', 'answer')).toBe(7)
    expect(verdicts).toEqual([undefined])
    expect(inner.sent).toEqual([])
    expect(outer.sent).toEqual([encodedAnew(result(5), '"outer"')])
    expect(inner.writer.sendText(result(7), '"inner"', 'answer')).toBe(7)
    expect(inner.sent).toEqual([encodedAnew(result(7), '"inner"')])
  })

  it('is free again after the channel threw', () => {
    const broken = writing(() => {
      throw new Error('boom')
    })
    expect(() => broken.writer.sendText(result(1), '1', 'answer')).toThrow('boom')
    expect(writing().writer.sendText(result(1), '1', 'answer')).toBe(1)
  })

  it('is free again after a send to a closed channel', () => {
    const { writer } = writing()
    writer.attach({ queuedBytes: 0, bytesTaken: 0, waitsForAck: false, send: () => 'closed' })
    expect(writer.sendText(result(1), '1', 'answer')).toBe('closed')
    expect(writing().writer.sendText(result(1), '1', 'answer')).toBe(1)
  })

  it('is not used for a text that may exceed the limit of the peer', () => {
    const { writer, sent } = writing()
    writer.setPeer({ bodyBytesMax: 8 } as Parameters<EnvelopeWriter['setPeer']>[0])
    expect(writer.sendText(result(1), '"a"', 'answer')).toBeUndefined()
    expect(writer.sendText(result(1), '12', 'answer')).toBe(2)
    expect(sent).toHaveLength(1)
  })
})
