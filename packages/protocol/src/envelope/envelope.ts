import type { LinkEnvelope } from './link-envelopes.ts'
import type { SessionEnvelope } from './session-envelopes.ts'

/** Every envelope of version 1 of the protocol. */
export type Envelope = SessionEnvelope | LinkEnvelope

/** An envelope of a later version that this version may ignore. */
export interface IgnorableEnvelope {
  readonly kind: 'ignorable'
  /** The kind byte: 0x80 to 0xff. */
  readonly kindCode: number
}
