/**
 * Returns whether `await` would wait for a value. It looks for the method `then`, because a promise of another realm,
 * as jest makes them, is not an instance of this realm's Promise.
 *
 * @throws what reading its `then` throws
 */
export function isThenable<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  const mayHaveMembers = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return mayHaveMembers && typeof (value as { then?: unknown }).then === 'function'
}
