import { expect, it } from 'vitest'
import { decodeBody, type Envelope, encodeBody, encodeEnvelope } from '../../src/envelope/index.ts'
import { failureOf } from '../support/failures.ts'

const noBytes = new Uint8Array(0)

it('a body states how its bytes are encoded: raw bytes as they are, a value by the codec, or none', () => {
  const bytes = Uint8Array.of(1, 2)
  expect(encodeBody({ kind: 'raw', bytes })).toEqual({ encoding: 'raw', bytes })
  expect(encodeBody({ kind: 'value', value: 1 })).toEqual({ encoding: 'codec', bytes: Uint8Array.of(0x31) })
  expect(encodeBody({ kind: 'none' })).toEqual({ encoding: 'none', bytes: noBytes })
})

it('a value without a JSON form is refused with the error of its toJSON as the cause', () => {
  const cause = new Error('mine')
  const value = {
    toJSON: () => {
      throw cause
    },
  }
  expect(failureOf(() => encodeBody({ kind: 'value', value })).cause).toBe(cause)
})

it('a body with __proto__ inside a text is accepted, also next to a null', () => {
  const bytes = new TextEncoder().encode('{"a":null,"b":"__proto__"}')
  expect(decodeBody({ encoding: 'codec', bytes })).toMatchObject({ kind: 'value', value: { a: null } })
})

it.each([
  ['no extensions', { kind: 'skip', extensions: [] }],
  ['inherited metadata', { kind: 'end', callId: 1, metadata: Object.create({ a: 'b' }) }],
] satisfies [string, Envelope][])('%s are not sent', (_, envelope) => {
  const { header } = encodeEnvelope(envelope)
  expect(header[1]).toBe(0)
})

it('a call id that is no integer is refused by its name', () => {
  const call: Envelope = { kind: 'end', callId: 0.5, metadata: {} }
  expect(failureOf(() => encodeEnvelope(call)).message).toContain('callId')
})

it('a hello of version 0 is refused', () => {
  const hello: Envelope = {
    kind: 'hello',
    versionMin: 0,
    versionMax: 1,
    codecs: [],
    settings: [],
    contracts: [],
    metadata: {},
    body: { encoding: 'none', bytes: noBytes },
  }
  expect(failureOf(() => encodeEnvelope(hello)).code).toBe('INVALID_FIELD')
})
