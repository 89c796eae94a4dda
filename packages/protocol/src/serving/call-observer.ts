import type { RpcError } from '../rpc-error.ts'

/** How a call ended, as its middlewares are told. */
export interface CallEnd {
  /**
   * - `completed`: the result was given to the connection, or the last item was
   * - `failed`: the caller is told an error
   * - `left`: the caller does not wait any more: it cancelled, its deadline has passed, or its connection is gone. The
   *   handler may still run.
   */
  readonly outcome: 'completed' | 'failed' | 'left'
  /** How many items were sent. 0 for a call that answers once. */
  readonly items: number
  /**
   * What the caller is told, with what the handler threw as its `cause`; or why the caller left (CANCELLED,
   * DEADLINE_EXCEEDED, UNAVAILABLE). `undefined` for a call that completed.
   */
  readonly error: RpcError | undefined
}

/**
 * What a middleware gives to `next()` to watch the rest of the call. Both run in the async context in which `next` was called. What
 * they throw, or reject with, is logged and changes nothing for the call.
 */
export interface CallObserver {
  /** After an item was sent, with the item as the handler gave it. Never for a call that answers once. */
  readonly onItem?: ((item: unknown) => void) | undefined
  /** Once, when the call has ended, however it did; the innermost middleware first. */
  readonly onEnd?: ((end: CallEnd) => void) | undefined
}
