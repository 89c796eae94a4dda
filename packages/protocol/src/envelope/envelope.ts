import type { LinkEnvelope } from './link-envelopes.ts'
import type { SessionEnvelope } from './session-envelopes.ts'

/** Every envelope of protocol version 1. */
export type Envelope = SessionEnvelope | LinkEnvelope

/** An envelope of a later version which this one is allowed to pass over. */
export interface IgnorableEnvelope {
  readonly kind: 'ignorable'
  /** 0x80 to 0xff. */
  readonly kindCode: number
}
