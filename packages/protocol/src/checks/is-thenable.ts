/**
 * Whether there is something to wait for: what `await` waits for. By its shape: a promise of another realm, as jest makes them, is
 * no instance of this one's Promise.
 *
 * @throws what its `then` throws when it is read
 */
export function isThenable<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  const mayHaveMembers = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return mayHaveMembers && typeof (value as { then?: unknown }).then === 'function'
}
