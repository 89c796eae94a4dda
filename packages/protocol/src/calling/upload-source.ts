import { isBytes } from '@frameport/framing/checks'
import { describeValue } from '../checks/check-value.ts'
import { ignoreFailure, iteratorOf } from '../checks/iterator-of.ts'
import { notMade } from './check-call.ts'

/** The results of `for await` and of readers of web streams. */
export type SourceResult = IteratorResult<unknown, unknown>

/** A source that is being read. */
export interface SourceReader {
  /** Returns a promise only if the source is not ready. */
  next(): SourceResult | PromiseLike<SourceResult>
  /** Ends the source. Never throws, and nothing waits for it. */
  end(): void
}

/** The argument of a source that is a function. */
export interface SourceOptions {
  /** Aborted when nothing more is read. */
  readonly signal: AbortSignal
}

/** The end of the text about a promise. */
const promiseHint =
  ' (the function must return the source itself: write `async function*`, or await it before the call)'

/** Sources that a call has read and that give their items once. */
const used = new WeakSet<object>()

/**
 * Starts to read the upload of a call: an iterable, a web stream, a stream of Node.js, and for raw bytes a `Blob` or a
 * `Uint8Array`; or a function that returns one of these.
 *
 * @param options for a function
 * @throws RpcError INVALID_ARGUMENT for anything else, and for a source that another call has read
 */
export function openSource(given: unknown, isRaw: boolean, options: () => SourceOptions): SourceReader {
  const isMade = typeof given === 'function'
  const source = isMade ? (given as (o: SourceOptions) => unknown)(options()) : given
  if (isRaw && isBytes(source)) return iterated([source])
  const stream = isRaw && isBlob(source) ? source.stream() : source
  if (isWebStream(stream)) return ofWebStream(stream)
  if (isObject(stream) && isIterable(stream)) return ofIterable(stream)
  const isPromise = isObject(source) && 'then' in source
  if (isPromise) leaveLater(source)
  const wanted = isRaw
    ? 'an iterable of Uint8Array, a stream, a Blob or a Uint8Array'
    : 'an iterable of items, or a stream'
  const is = source === null ? 'null or missing' : describeValue(source)
  const hint = isMade && isPromise ? promiseHint : ''
  throw notMade(`the upload is ${is}, not ${wanted} or a function that returns one${hint}`)
}

/**
 * Whether each reader of a source gets the same items, as from a function, which creates them anew. An iterable may
 * create an iterator for each reader, but yield each item only once.
 */
export function canBeReadAgain(given: unknown): boolean {
  return typeof given === 'function' || Array.isArray(given) || isBytes(given) || isBlob(given)
}

/** Closes a source that no call will read. An iterable that creates iterators holds nothing yet. */
export function leaveSource(given: unknown): void {
  try {
    if (isObject(given) && (isWebStream(given) || isNodeStream(given) || isIterator(given)))
      openSource(given, false, neverAsked).end()
  } catch {
    // An unreadable source needs no end.
  }
}

/**
 * A promise is not a source. Its value is closed when it arrives. A rejection is ignored, because the call was refused.
 */
function leaveLater(given: object): void {
  ignoreFailure(new Promise((resolve) => resolve(given)).then(leaveSource))
}

function neverAsked(): SourceOptions {
  return { signal: AbortSignal.abort() }
}

function ofIterable(source: AnyIterable): SourceReader {
  const iterator = iteratorOf(source)
  if (isNodeStream(source) && source.readableEnded === true)
    throw notMade('the upload is a stream that was already read to its end: give a new one')
  const once = (iterator as object) === source || isNodeStream(source)
  if (once) {
    if (used.has(source))
      throw notMade('another call has read the upload: give a function that makes one for each call')
    used.add(source)
  }
  return iterated(source, iterator)
}

function iterated(source: AnyIterable, iterator: AnyIterator = iteratorOf(source)): SourceReader {
  return {
    next: () => iterator.next(),
    end: () =>
      quietly(() => {
        // `return()` of its iterator would wait for the chunk that is being read; `destroy()` does not.
        return isNodeStream(source) ? source.destroy() : iterator.return?.()
      }),
  }
}

function ofWebStream(stream: ReadableStream<unknown>): SourceReader {
  if (stream.locked) throw notMade('the upload is a stream that has a reader already: give one without')
  const reader = stream.getReader()
  return {
    next: () => reader.read() as Promise<SourceResult>,
    end: () => quietly(() => reader.cancel()),
  }
}

/** An error while a source is closed is ignored: the call already has its outcome. */
function quietly(end: () => unknown): void {
  try {
    ignoreFailure(end())
  } catch {
    // The error is ignored, as above.
  }
}

type AnyIterator = Iterator<unknown, unknown> | AsyncIterator<unknown, unknown>
type AnyIterable = Iterable<unknown> | AsyncIterable<unknown>

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isIterable(value: object): value is AnyIterable {
  return Symbol.asyncIterator in value || Symbol.iterator in value
}

function isIterator(value: object): boolean {
  return 'next' in value
}

function isBlob(value: unknown): value is Blob {
  return isObject(value) && 'stream' in value && 'arrayBuffer' in value && typeof value.stream === 'function'
}

function isWebStream(value: unknown): value is ReadableStream<unknown> {
  return isObject(value) && 'getReader' in value && typeof value.getReader === 'function'
}

function isNodeStream(
  value: object,
): value is AsyncIterable<unknown> & { destroy(): unknown; readonly readableEnded?: unknown } {
  return 'destroy' in value && typeof value.destroy === 'function' && 'pipe' in value
}
