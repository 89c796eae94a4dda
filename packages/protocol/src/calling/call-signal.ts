import { textOfThrown } from '../checks/thrown.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import type { RpcError } from '../rpc-error.ts'

/**
 * @throws RpcError CANCELLED for an aborted signal, INVALID_ARGUMENT for a signal whose getter throws
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

/** For a call that was made: a signal whose getter throws has not cancelled it. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  try {
    return signal?.aborted === true
  } catch {
    return false
  }
}

/** The failure of a call whose signal throws when a listener is added: the signal could not cancel the call. */
export function unheardSignal(cause: unknown): RpcError {
  const text = `the call was cancelled: its signal has no working addEventListener: ${textOfThrown(cause)}`
  return errorWithoutStack('CANCELLED', text, { cause })
}

/** The failure of a call whose signal was aborted; the signal's reason is kept as the cause. */
export function cancelled(signal: AbortSignal | undefined): RpcError {
  return errorWithoutStack('CANCELLED', 'the call was cancelled by its signal', { cause: reasonOf(signal) })
}

/** The getter of a signal that a program has made itself may throw: the thrown value is the reason then. */
function reasonOf(signal: AbortSignal | undefined): unknown {
  try {
    return signal?.reason
  } catch (thrown) {
    return thrown
  }
}
