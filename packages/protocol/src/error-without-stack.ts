import { RpcError, type RpcErrorOptions } from './rpc-error.ts'

/**
 * Makes an RpcError without a stack, which is most of the cost of an error. It is for two cases:
 *
 * - An error for the peer: stacks are not sent, and a peer could make this side compute one with every call. The
 *   error of a handler keeps its own stack as the `cause`.
 * - An error that ends a call of this side: the useful line is the one that awaits the call, which is known only
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
