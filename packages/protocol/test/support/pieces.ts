import type { Envelope, EnvelopeBody } from '../../src/envelope/index.ts'

/** Bytes whose values depend on their positions. */
export const patterned = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251)

export const patternedBody = (length: number): EnvelopeBody => ({ encoding: 'raw', bytes: patterned(length) })

/** A further piece of a body. */
export const more = (callId: number, length: number, goesOn: boolean): Envelope => ({
  kind: 'more',
  callId,
  body: patternedBody(length),
  goesOn,
})

/** A connection that accepts less than a piece at a time. */
export const slowConnection = { windowBytes: 500, highWatermarkBytes: 1, lowWatermarkBytes: 0 }
