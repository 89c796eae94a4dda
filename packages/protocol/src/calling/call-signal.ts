import { textOfThrown } from '../checks/thrown.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import type { RpcError } from '../rpc-error.ts'

/**
 * @throws RpcError CANCELLED for a signal that is aborted, INVALID_ARGUMENT for one of somebody's own that throws when it is asked
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  let isAborted: boolean
  try {
    isAborted = signal?.aborted === true
  } catch (cause) {
    const text = `the call was not made: reading its signal threw: ${textOfThrown(cause)}`
    throw errorWithoutStack('INVALID_ARGUMENT', text, { cause })
  }
  if (isAborted) throw cancelled(signal)
}

/** Of a call that was made: a signal that throws now has cancelled nothing. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  try {
    return signal?.aborted === true
  } catch {
    return false
  }
}

/** The failure of a call whose signal throws when it is listened to: nobody could cancel the call by it. */
export function unheardSignal(cause: unknown): RpcError {
  const text = `the call was cancelled: its signal has no working addEventListener: ${textOfThrown(cause)}`
  return errorWithoutStack('CANCELLED', text, { cause })
}

/** The failure of a call whose signal was aborted; the signal's reason is kept as the cause. */
export function cancelled(signal: AbortSignal | undefined): RpcError {
  return errorWithoutStack('CANCELLED', 'the call was cancelled by its signal', { cause: reasonOf(signal) })
}

/** A signal of somebody's own may throw when it is asked: that is the reason then. */
function reasonOf(signal: AbortSignal | undefined): unknown {
  try {
    return signal?.reason
  } catch (thrown) {
    return thrown
  }
}
