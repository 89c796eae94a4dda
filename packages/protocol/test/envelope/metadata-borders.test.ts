import { describe, expect, it } from 'vitest'
import { decodeEnvelope, metadataOverLimit } from '../../src/envelope/index.ts'
import { failureOf } from '../support/failures.ts'
import { bytesOf } from '../support/vectors.ts'

const limits = { metadataEntriesMax: 2, metadataBytesMax: 8 }

/** Decodes a result (kind 2) of call 1 with metadata and a raw body, from the bytes after its call id. */
const result = (hex: string) => decodeEnvelope(bytesOf(`020601${hex}`), limits)

describe('metadata with a length in bytes', () => {
  it.each([
    ['that is too small for their encoded count', `01${'8001'}00`],
    ['that is greater than their entries', `05${'01'}${'0161'}${'00'}ff00`],
    ['that is greater than the frame, even if their number of entries is over the limit', `20${'64'}`],
    [
      'that a value exceeds, even if the value is over the limit',
      `04${'01'}${'0161'}${'7f'}${'00'.repeat(200)}`,
    ],
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
