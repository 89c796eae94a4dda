import type { Metadata } from '../envelope/envelope-parts.ts'
import type { IncomingCall } from '../session/common/call-types.ts'
import type { IncomingCallFacts } from './handler-types.ts'

/**
 * What a side knows of one call, for one that is called with it: a handler or a middleware has an object of its own.
 *
 * The signal is made when somebody reads it, since an AbortController costs more than the rest of a small call. It is an own
 * member all the same: `{ ...args }` has it. A member of the prototype would be missing there, and cost a tenth of a
 * microsecond less.
 */
export class CallFacts implements IncomingCallFacts {
  static readonly #signal: PropertyDescriptor & ThisType<CallFacts> = {
    enumerable: true,
    configurable: true,
    get() {
      return this.#call.signal
    },
  }

  declare readonly signal: AbortSignal
  readonly deadlineAtMs: number | undefined
  readonly remainingMs: () => number | undefined
  readonly metadata: Metadata
  readonly #call: Pick<IncomingCall, 'signal'>

  constructor(
    call: Pick<IncomingCall, 'signal' | 'deadlineAtMs' | 'metadata'>,
    remainingMs: () => number | undefined,
  ) {
    this.#call = call
    this.deadlineAtMs = call.deadlineAtMs
    this.remainingMs = remainingMs
    this.metadata = call.metadata
    // One descriptor for all: with one each, V8 would give every object a shape of its own.
    Object.defineProperty(this, 'signal', CallFacts.#signal)
  }
}
