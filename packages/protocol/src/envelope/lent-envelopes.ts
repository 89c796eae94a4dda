import { type EnvelopeBody, noBody, noBytes, noMetadata } from './envelope-parts.ts'
import type { CallEnvelope, ResultEnvelope } from './session-envelopes.ts'

type Filled<Envelope> = { -readonly [Name in keyof Envelope]: Envelope[Name] }

/*
 * Calls and results are decoded into these objects if their receiver keeps only parts of an envelope: an envelope and
 * its body take 150 bytes, and every call has two.
 */

export const lentCall = newCall()
export const lentResult = newResult()
export const lentBody: Filled<EnvelopeBody> = { encoding: 'none', bytes: noBytes }

/** To be filled member by member: a lent one has the same shape. */
export function newCall(): Filled<CallEnvelope> {
  return {
    kind: 'call',
    callId: 0,
    procedure: '',
    deadlineMs: undefined,
    credit: undefined,
    upload: false,
    extensions: undefined,
    metadata: noMetadata,
    body: noBody,
    goesOn: false,
  }
}

/** Like {@link newCall}. */
export function newResult(): Filled<ResultEnvelope> {
  return {
    kind: 'result',
    callId: 0,
    extensions: undefined,
    metadata: noMetadata,
    body: noBody,
    goesOn: false,
  }
}

/** The frame is only lent, too: nothing of it is kept. */
export function emptyLent(): void {
  lentBody.bytes = noBytes
  lentCall.extensions = undefined
  lentCall.metadata = noMetadata
  lentResult.extensions = undefined
  lentResult.metadata = noMetadata
}
