import type { RpcError } from '../rpc-error.ts'

/** How a call ended. */
export interface CallEnd {
  /**
   * - `completed`: the result, or the last item, was handed to the connection
   * - `failed`: the caller gets an error
   * - `left`: the caller does not wait any more, because it cancelled, its deadline has passed, or its connection is
   *   gone. The handler may still run
   */
  readonly outcome: 'completed' | 'failed' | 'left'
  /** The number of items that were sent; 0 for a call with one answer. */
  readonly items: number
  /**
   * The error that the caller gets, with the error of the handler as its `cause`; or why the caller left (CANCELLED,
   * DEADLINE_EXCEEDED, UNAVAILABLE). Undefined for a completed call.
   */
  readonly error: RpcError | undefined
}

/**
 * Callbacks that a middleware passes to `next()` to observe the rest of the call. They run in the async context in
 * which `next` was called. An error that they throw, or reject with, is logged and does not change the call.
 */
export interface CallObserver {
  /** Called after each item was sent, with the item that the handler gave. Not called for a call with one answer. */
  readonly onItem?: ((item: unknown) => void) | undefined
  /** Called once, when the call has ended; the callback of the innermost middleware first. */
  readonly onEnd?: ((end: CallEnd) => void) | undefined
}
