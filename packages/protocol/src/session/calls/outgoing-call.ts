import type { EnvelopeBody } from '../../envelope/envelope.ts'
import type { OutgoingCallEvents, OutgoingCallOptions, SessionTimer } from '../common/session-types.ts'

/** A call of this side, from `call()` until it is settled. */
export interface OutgoingCallState {
  readonly id: number
  readonly options: OutgoingCallOptions
  readonly events: OutgoingCallEvents
  readonly deadlineAtMs: number | undefined
  /** `refused`: it will be settled in a microtask. */
  phase: 'new' | 'refused' | 'waiting' | 'open' | 'settled'
  body: EnvelopeBody
  /** Items the peer may still send. */
  credit: number
  nextSequence: number
  deadline: SessionTimer | undefined
}
