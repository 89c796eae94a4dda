import { RpcError, type RpcErrorOptions } from './rpc-error.ts'

/**
 * An RpcError that is made to be sent. It has no stack: to find one is most of what an error costs, and a peer could have
 * this side do it with every call, for nobody to read. What a handler threw keeps its own, as the `cause`.
 */
export function errorForPeer(code: string, message: string, options?: RpcErrorOptions): RpcError {
  const { stackTraceLimit } = Error
  // Where the intrinsics are frozen it has its stack.
  const isLimited = Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    return new RpcError(code, message, options)
  } finally {
    if (isLimited) Error.stackTraceLimit = stackTraceLimit
  }
}
