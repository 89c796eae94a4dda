import { RpcError, type RpcErrorOptions } from './rpc-error.ts'

/**
 * An RpcError whose stack would tell nobody anything. To find a stack is most of what an error costs.
 *
 * - An error for the peer: a peer could have this side find a stack with every call that it makes, and none is sent. What a
 *   handler threw keeps its own, as the `cause`.
 * - An error that ends a call of this side: the line that matters is the one that awaits the call, which is known only
 *   there. The client makes the error again in that place, with `parseFailure`.
 */
export function errorWithoutStack(code: string, message: string, options?: RpcErrorOptions): RpcError {
  const { stackTraceLimit } = Error
  // Where the intrinsics are frozen it has its stack.
  const isLimited = Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    return new RpcError(code, message, options)
  } finally {
    if (isLimited) Error.stackTraceLimit = stackTraceLimit
  }
}
