import { type ErrorData, type Failure, RpcError } from '@frameport/protocol'
import type { CallPromise, SafeResult } from './client-types.ts'

/**
 * Turns the failure of a call into a value, with its type:
 *
 * ```ts
 * const r = await safe(client.join({ room, name }))
 * if (r.ok) show(r.data)
 * else if (r.error.code === 'NAME_TAKEN') suggest(r.error.data.suggestion)
 * ```
 *
 * Rejects only with what is no RpcError: a mistake in the program, not a failure of the call.
 */
export async function safe<Output, Data extends ErrorData>(
  promise: CallPromise<Output, Data>,
): Promise<SafeResult<Output, Data>> {
  try {
    return { ok: true, data: await promise }
  } catch (error) {
    if (!RpcError.is(error)) throw error
    // The client has checked the code and its data against the contract before rejecting.
    return { ok: false, error: error as Failure<Data> }
  }
}
