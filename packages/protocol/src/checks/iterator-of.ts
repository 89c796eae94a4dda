import { describeValue, onLateFailure } from '@frameport/framing/checks'

type AnyIterator = Iterator<unknown, unknown> | AsyncIterator<unknown, unknown>

/**
 * An iterator of items that somebody gave. A `Symbol.asyncIterator` that is an async function gives a promise of one: it is refused, and
 * what the promise rejects with has been taken.
 *
 * @throws TypeError for a value that is not an iterator, and what the items throw
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

/** Takes a promise that nobody waits for, so that its rejection does not end the process. */
export function ignoreFailure(given: unknown): void {
  onLateFailure(given, nothing)
}

function nothing(): void {}

function hasNext(value: unknown): value is AnyIterator {
  return (
    typeof value === 'object' && value !== null && typeof (value as { next?: unknown }).next === 'function'
  )
}
