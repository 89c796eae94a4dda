import { describe, expect, it } from 'vitest'
import { decodeEnvelope, type Envelope, encodeEnvelope, envelopeLimits } from '../../src/envelope/index.ts'
import { failureOf } from '../support/failures.ts'
import { bytesOf, envelopeOf, golden, hostile } from '../support/vectors.ts'

/** A field, the offset where reading stopped, and the problem. */
const complaint = /^[a-zA-Z][a-zA-Z ]* at byte \d+: \S/
const withoutLimits = {
  metadataEntriesMax: Number.MAX_SAFE_INTEGER,
  metadataBytesMax: Number.MAX_SAFE_INTEGER,
}

describe('the error for a malformed envelope names the field and its offset', () => {
  it('in every hostile vector', () => {
    for (const { name, hex, code } of hostile) {
      if (code !== 'MALFORMED_ENVELOPE') continue
      const failure = failureOf(() => decodeEnvelope(bytesOf(hex), withoutLimits))
      expect(failure.message, name).toMatch(complaint)
      expect(Number(/at byte (\d+)/.exec(failure.message)?.[1]), name).toBeLessThanOrEqual(hex.length / 2)
    }
  })

  it('in every envelope that is cut at any byte of its header', () => {
    const others: string[] = []
    for (const { name, fields, hex } of golden) {
      const { header } = encodeEnvelope(envelopeOf(fields))
      const bytes = bytesOf(hex)
      for (let length = 0; length < Math.min(header.length, 300); length += 1) {
        const { message } = failureOf(() => decodeEnvelope(bytes.subarray(0, length), withoutLimits))
        if (!complaint.test(message)) others.push(`${name}, ${length} bytes: ${message}`)
      }
    }
    expect(others).toEqual([])
  })

  it('with the error of the UTF-8 decoder as its cause', () => {
    const failure = failureOf(() => decodeEnvelope(bytesOf('0800' + '01' + '01ff' + '00'), withoutLimits))
    expect(failure.message).toContain('invalid UTF-8')
    expect(failure.cause).toBeInstanceOf(TypeError)
  })
})

/** Every copy of `value` with one number or one text replaced by an invalid one, and the path of that. */
function* copiesWithout(value: unknown, path: readonly string[] = []): Generator<[string, unknown]> {
  if (typeof value === 'number') yield [path.join('.'), -1]
  else if (typeof value === 'string') yield [path.join('.'), `${value}\ud800`]
  else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    for (const [key, member] of Object.entries(value)) {
      if (key === 'kind' || key === 'encoding') continue
      for (const [where, replaced] of copiesWithout(member, [...path, key])) {
        const copy: unknown = Array.isArray(value) ? [...value] : { ...value }
        Object.assign(copy as object, { [key]: replaced })
        yield [where, copy]
      }
    }
  }
}

describe('the error for an envelope that cannot be sent names the field', () => {
  it('in every envelope, for any negative number and any text with a lone surrogate', () => {
    const others: string[] = []
    for (const { name, fields } of golden) {
      for (const [where, envelope] of copiesWithout(envelopeOf(fields))) {
        const { code, message } = failureOf(() => encodeEnvelope(envelope as Envelope))
        if (code !== 'INVALID_FIELD' || !/^[a-zA-Z]/.test(message))
          others.push(`${name}, ${where}: ${code}, ${message}`)
      }
    }
    expect(others).toEqual([])
  })

  it.each<[string, number[]]>([
    ['extension', [1025]],
    ['extensions', [600, 600]],
  ])('%s over the maximum bytes of extensions', (field, lengths) => {
    const extensions = lengths.map((length, id) => [id, new Uint8Array(length)] as const)
    const failure = failureOf(() => encodeEnvelope({ kind: 'skip', extensions }))
    expect(failure.message).toMatch(new RegExp(`^${field} has \\d+ bytes, not 0 to 1024$`))
  })

  it.each<[string, number, number]>([
    ['code', 1, envelopeLimits.codeBytesMax],
    ['text', 0, envelopeLimits.textBytesMax],
  ])('%s of a cancel, which has %i to %i bytes', (field, least, most) => {
    const cancel = (length: number) => () =>
      encodeEnvelope({ kind: 'cancel', callId: 1, code: 'A', text: 'b', [field]: 'x'.repeat(length) })
    expect(cancel(least)).not.toThrow()
    expect(cancel(most)).not.toThrow()
    const over = failureOf(cancel(most + 1))
    expect(over.message).toBe(`${field} has ${most + 1} bytes, not ${least} to ${most}`)
  })
})
