import type { RpcError } from '../../rpc-error.ts'

/**
 * Failures that do not come from the callee. They are kept in a set, because the errors are handed to users and have no
 * member for this.
 */
const marked = new WeakSet<RpcError>()

/** Notes that a call failed with this because its session ended, or sends no more calls. @returns it */
export function endedWithSession(error: RpcError): RpcError {
  marked.add(error)
  return error
}

/**
 * Whether a call failed because its session ended. False for an error of the callee, whatever its code, and for
 * deadlines and cancellation.
 */
export function hasEndedWithSession(error: RpcError): boolean {
  return marked.has(error)
}
