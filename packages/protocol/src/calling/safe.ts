import { describeValue } from '../checks/check-value.ts'
import type { ErrorData, Failure } from '../contract/failures.ts'
import { ProtocolError } from '../protocol-error.ts'
import { RpcError } from '../rpc-error.ts'
import type { CallPromise, SafeResult } from './call-types.ts'

/**
 * Turns the failure of a call into a typed value.
 *
 * Rejects only with an error that is not an RpcError, which is a mistake in the program and not a failure of the
 * call. If `promise` is not a promise it rejects with ProtocolError `INVALID_OPTION`.
 *
 * @example
 * const result = await safe(client.join({ room, name }))
 * if (result.ok) show(result.data)
 * else if (result.error.code === 'NAME_TAKEN') suggest(result.error.data.suggestion)
 */
export async function safe<Output, Data extends ErrorData>(
  promise: CallPromise<Output, Data>,
): Promise<SafeResult<Output, Data>> {
  const problem = notAwaitable(promise)
  if (problem !== undefined) throw new ProtocolError('INVALID_OPTION', problem)
  try {
    return { ok: true, data: await promise }
  } catch (error) {
    if (!RpcError.is(error)) throw error
    // The client has checked the code and its data against the contract before rejecting.
    return { ok: false, error: error as Failure<Data> }
  }
}

/** A stream, or a function that would make the call, would be the data of a success. */
function notAwaitable(given: unknown): string | undefined {
  if (typeof (given as { readonly then?: unknown } | null | undefined)?.then === 'function') return undefined
  const isStream = typeof given === 'object' && given !== null && Symbol.asyncIterator in given
  const what = isStream ? 'a stream' : describeValue(given)
  return `safe() takes the promise of a call, not ${what} (for await throws the failure of a stream, and isErrorOf() recognises it)`
}
