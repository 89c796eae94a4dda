import { describe, expect, it } from 'vitest'
import { decodeEnvelope, metadataOverLimit } from '../../src/envelope/index.ts'
import { failureOf } from '../support/failures.ts'
import { bytesOf } from '../support/vectors.ts'

const limits = { metadataEntriesMax: 2, metadataBytesMax: 8 }

/** Decodes a result (kind 2) of call 1 with metadata and a raw body, from the bytes after its call id. */
const result = (hex: string) => decodeEnvelope(bytesOf(`020601${hex}`), limits)

describe('metadata with a length in bytes', () => {
  it.each([
    ['of less than their count takes', `01${'8001'}00`],
    ['of more than they have', `05${'01'}${'0161'}${'00'}ff00`],
    ['of more than the frame has, although they are over the limit', `20${'64'}`],
    ['that a value goes over, although it is over the limit', `04${'01'}${'0161'}${'7f'}${'00'.repeat(200)}`],
  ])('%s are malformed', (_, hex) => {
    expect(failureOf(() => result(hex)).code).toBe('MALFORMED_ENVELOPE')
  })

  it('are skipped by their length when their count is over the limit', () => {
    expect(result(`01${'64'}ff`)).toMatchObject({
      metadata: metadataOverLimit,
      body: { encoding: 'raw', bytes: Uint8Array.of(0xff) },
    })
  })
})
