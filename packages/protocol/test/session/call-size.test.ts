import { describe, expect, it } from 'vitest'
import { noMetadata } from '../../src/envelope/envelope-parts.ts'
import type { EnvelopeBody } from '../../src/envelope/index.ts'
import { callSize } from '../../src/session/flow/decoded-size.ts'
import { json, noBody, rawBody } from '../support/raw-peer.ts'

const call = { procedure: 'a/b', metadata: noMetadata, body: noBody }
const alone = callSize(call)
const body = (given: EnvelopeBody) => callSize({ ...call, body: given }) - alone

describe('the size of a call', () => {
  it('includes the cost of a handler, and the name of the procedure', () => {
    expect(alone).toBe(1_024 + 3)
    expect(callSize({ ...call, procedure: 'a/longer' })).toBe(1_024 + 8)
  })

  it('includes raw bytes as they are, few or many', () => {
    expect([10, 5_000].map((length) => body(rawBody(length)))).toEqual([10, 5_000])
  })

  it('includes eight times a text of up to 1,024 bytes, whatever its content', () => {
    expect(body(json('[1,2]'))).toBe(8 * 5)
    expect(body(json('x'.repeat(1_024)))).toBe(8 * 1_024)
    expect(body(json('x'.repeat(1_025)))).toBe(1_025)
  })

  it('includes a longer text, and the cost of its arrays, objects and members', () => {
    const letters = 'x'.repeat(2_000)
    expect(body(json(`"${letters}"`))).toBe(2_002)
    expect(body(json(`[["${letters}"]]`))).toBe(2_006 + 2 * 56)
    expect(body(json(`{"a":{"b":"${letters}"}}`))).toBe(2_014 + 2 * 56)
    expect(body(json(`["${letters}",1,2]`))).toBe(2_008 + 56 + 2 * 12)
  })

  it('includes its metadata: the letters, and a cost for each pair', () => {
    const metadata = { tenant: 'acme', k: '' }
    expect(callSize({ ...call, metadata }) - alone).toBe(2 * 96 + 'tenantacmek'.length)
  })
})
