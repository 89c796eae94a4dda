import { RpcError, type RpcErrorOptions } from './rpc-error.ts'

/**
 * An RpcError that is made to be sent. It has no stack: to find one is most of what an error costs, and a peer could have
 * this side do it with every call, for nobody to read. What a handler threw keeps its own, as the `cause`.
 */
export function errorForPeer(code: string, message: string, options?: RpcErrorOptions): RpcError {
  return withoutStack(code, message, options)
}

/**
 * An RpcError that ends a call of this side. It has no stack either: who awaits the call is known only where it is awaited,
 * and the client makes the error again there, with `parseFailure`.
 */
export function errorForCaller(code: string, message: string, options?: RpcErrorOptions): RpcError {
  return withoutStack(code, message, options)
}

function withoutStack(code: string, message: string, options: RpcErrorOptions | undefined): RpcError {
  const { stackTraceLimit } = Error
  // Where the intrinsics are frozen it has its stack.
  const isLimited = Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    return new RpcError(code, message, options)
  } finally {
    if (isLimited) Error.stackTraceLimit = stackTraceLimit
  }
}
