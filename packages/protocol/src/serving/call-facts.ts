import type { Metadata } from '../envelope/envelope-parts.ts'
import type { IncomingCall } from '../session/common/call-types.ts'
import type { IncomingCallFacts } from './handler-types.ts'

/**
 * The arguments that a side provides for one call. Each handler and middleware gets an object of its own.
 *
 * The signal is created when it is read, because an AbortController costs more than the rest of a small call. It is an
 * own member nevertheless, so that `{ ...args }` has it.
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
    // All objects share one descriptor: otherwise V8 would give each object its own shape.
    Object.defineProperty(this, 'signal', CallFacts.#signal)
  }
}
