import { describeValue, onLateFailure } from '@frameport/framing/checks'

type AnyIterator = Iterator<unknown, unknown> | AsyncIterator<unknown, unknown>

/**
 * Returns the iterator of a user's items. If `Symbol.asyncIterator` is an async function, it returns a promise: that is
 * refused, and its rejection is handled.
 *
 * @throws TypeError for a value that is not an iterator, and errors of the items
 */
export function iteratorOf(items: AsyncIterable<unknown>): AsyncIterator<unknown>
export function iteratorOf(items: AsyncIterable<unknown> | Iterable<unknown>): AnyIterator
export function iteratorOf(items: AsyncIterable<unknown> | Iterable<unknown>): AnyIterator {
  const isAsync = Symbol.asyncIterator in items
  const iterator: unknown = isAsync ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  if (hasNext(iterator)) return iterator
  ignoreFailure(iterator)
  const method = isAsync ? 'Symbol.asyncIterator' : 'Symbol.iterator'
  throw new TypeError(`${method} of the items gave ${describeValue(iterator)}, not an iterator`)
}

/** Handles the rejection of an unused promise, so that it does not end the process. */
export function ignoreFailure(given: unknown): void {
  onLateFailure(given, nothing)
}

function nothing(): void {}

function hasNext(value: unknown): value is AnyIterator {
  return (
    typeof value === 'object' && value !== null && typeof (value as { next?: unknown }).next === 'function'
  )
}
