import type { CalledProcedure } from '../contract/called-procedure.ts'
import type { Metadata } from '../envelope/envelope-parts.ts'
import type { UploadProgress } from './call-types.ts'

/**
 * A call before it is sent, as interceptors see it. It is not changed in place: an interceptor passes a copy to
 * `next()`.
 */
export interface InterceptedCall {
  /** The procedure that is called. */
  readonly procedure: CalledProcedure
  /** The input that the caller gave, before the server validates it; undefined for a procedure without an input. */
  readonly input: unknown
  /** Milliseconds until the call fails with DEADLINE_EXCEEDED; undefined without a deadline. */
  readonly deadlineMs: number | undefined
  /** The pairs of strings that are sent with the call. */
  readonly metadata: Metadata
  /** The signal that cancels the call; undefined if the caller gave none. */
  readonly signal: AbortSignal | undefined
  /** `windowItems` of a stream call; undefined for the default of the client. */
  readonly windowItems?: number | undefined
  /** `windowBytes` of a stream call; undefined for the default of the client. */
  readonly windowBytes?: number | undefined
  /** The source of the items that the call sends. It can be read only once, unless it is a function or an array. */
  readonly upload?: unknown
  /** Called after each item that was handed to the connection; undefined if the caller gave none. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined
}

/**
 * Wraps a call. An interceptor can change the call, look at its outcome, call `next` again, or answer without calling
 * it. The promise of `next` settles with the validated output, or for a stream with an `AsyncIterable` of items,
 * which makes the call when it is read.
 *
 * @example
 * const withToken: Interceptor = async (call, next) =>
 *   next({ ...call, metadata: { ...call.metadata, token: await freshToken() } })
 */
export type Interceptor = (
  call: InterceptedCall,
  next: (call: InterceptedCall) => Promise<unknown>,
) => Promise<unknown>
