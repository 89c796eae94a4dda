import { describe, expect, it } from 'vitest'
import { decodeEnvelope, encodeEnvelope, envelopeKinds } from '../../src/envelope/index.ts'
import { ProtocolError } from '../../src/index.ts'
import { bytesOf, envelopeOf, golden, hexOf, hostile, plain } from '../support/vectors.ts'

/** The rules of metadata are checked only while they are within the limits of the receiver. */
const withoutLimits = {
  metadataEntriesMax: Number.MAX_SAFE_INTEGER,
  metadataBytesMax: Number.MAX_SAFE_INTEGER,
}

describe('golden vectors', () => {
  it('cover every kind of version 1', () => {
    expect(new Set(golden.map(({ fields }) => fields.kind))).toEqual(new Set(Object.keys(envelopeKinds)))
  })

  it.each(golden)('$name: fields to bytes', ({ fields, hex }) => {
    const { header, body } = encodeEnvelope(envelopeOf(fields))
    expect(hexOf(header, body)).toBe(hex)
  })

  it.each(golden)('$name: bytes to fields', ({ fields, hex }) => {
    const fromBytes = plain(decodeEnvelope(bytesOf(hex), withoutLimits))
    expect(fromBytes).toEqual(plain(envelopeOf(fields)))
  })

  it.each(golden)('$name: malformed when cut at any byte of its header', ({ fields, hex }) => {
    const bytes = bytesOf(hex)
    const { header } = encodeEnvelope(envelopeOf(fields))
    for (let length = 0; length < header.length; length += 1) {
      expect(codeOf(bytes.subarray(0, length)), `${length} bytes`).toBe('MALFORMED_ENVELOPE')
    }
  })
})

describe('hostile vectors', () => {
  it.each(hostile)('$name is $code', ({ hex, code }) => {
    expect(codeOf(bytesOf(hex))).toBe(code)
  })

  it('have unique names', () => {
    expect(new Set(hostile.map(({ name }) => name)).size).toBe(hostile.length)
  })
})

describe('a kind from 0x80', () => {
  it.each([0x80, 0xc3, 0xff])('%i is ignored, whatever follows', (kindCode) => {
    const expected = { kind: 'ignorable', kindCode }
    expect(decodeEnvelope(Uint8Array.of(kindCode))).toEqual(expected)
    expect(decodeEnvelope(Uint8Array.of(kindCode, 0xff, 0xff, 0xff))).toEqual(expected)
  })
})

function codeOf(bytes: Uint8Array): string {
  try {
    decodeEnvelope(bytes, withoutLimits)
    return 'accepted'
  } catch (error) {
    return ProtocolError.is(error) ? error.code : `not a ProtocolError: ${error}`
  }
}
