/**
 * Whether there is something to wait for. By its shape: a promise of another realm, as jest makes them, is no instance of this
 * one's Promise.
 */
export function isThenable<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
