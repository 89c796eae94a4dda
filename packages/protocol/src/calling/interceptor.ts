import type { CalledProcedure } from '../contract/called-procedure.ts'
import type { Metadata } from '../envelope/envelope-parts.ts'
import type { UploadProgress } from './call-types.ts'

/** A call on its way out, as interceptors see and change it. */
export interface InterceptedCall {
  readonly procedure: CalledProcedure
  readonly input: unknown
  readonly deadlineMs: number | undefined
  readonly metadata: Metadata
  readonly signal: AbortSignal | undefined
  /** Of a stream; undefined for the limits of the client. */
  readonly windowItems?: number | undefined
  readonly windowBytes?: number | undefined
  /** Of a call that sends items: its source, which can be read once, unless it is a function or an array. */
  readonly upload?: unknown
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined
}

/**
 * Wraps a call: changes it, looks at its outcome, calls again, or answers itself. `next` settles with the validated
 * output, or for a stream with an `AsyncIterable` of items that starts when it is read.
 *
 * ```ts
 * const withToken: Interceptor = async (call, next) =>
 *   next({ ...call, metadata: { ...call.metadata, token: await freshToken() } })
 * ```
 */
export type Interceptor = (
  call: InterceptedCall,
  next: (call: InterceptedCall) => Promise<unknown>,
) => Promise<unknown>
