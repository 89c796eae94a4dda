import { isBytes } from '@frameport/framing/checks'
import { describeValue } from '../checks/check-value.ts'
import { ignoreFailure, iteratorOf } from '../checks/iterator-of.ts'
import { notMade } from './check-call.ts'

/** What `for await` and readers of web streams give. */
export type SourceResult = IteratorResult<unknown, unknown>

/** A source that is being read. */
export interface SourceReader {
  /** A promise only where the source has to be waited for. */
  next(): SourceResult | PromiseLike<SourceResult>
  /** Nobody reads on. Never throws, and nothing waits for it. */
  end(): void
}

/** What a source that is a function is given. */
export interface SourceOptions {
  /** Aborted when nothing is read any more. */
  readonly signal: AbortSignal
}

/** Behind what is said of a promise. */
const promiseHint =
  ' (the function must return the source itself: write `async function*`, or await it before the call)'

/** What has been read by a call, and gives its items once. */
const used = new WeakSet<object>()

/**
 * Begins to read what a call was given as the items of its caller: an iterable, a web stream, a stream of Node.js, and for raw
 * bytes a `Blob` or a `Uint8Array`; or a function that makes one of these.
 *
 * @param options for a function
 * @throws RpcError INVALID_ARGUMENT for anything else, and for what another call has read
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
 * Whether a source gives the same items to each reader: a function makes them anew. An iterable may make an iterator for each
 * reader, and still give each item once.
 */
export function canBeReadAgain(given: unknown): boolean {
  return typeof given === 'function' || Array.isArray(given) || isBytes(given) || isBlob(given)
}

/** A source that no call will read. What makes an iterator for each reader has made none, and holds nothing. */
export function leaveSource(given: unknown): void {
  try {
    if (isObject(given) && (isWebStream(given) || isNodeStream(given) || isIterator(given)))
      openSource(given, false, neverAsked).end()
  } catch {
    // What cannot be read needs no end.
  }
}

/** A promise is no source. What it gives is left when it comes, and what it rejects with is nobody's: the call was refused. */
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
        // `return()` of its iterator waits for the chunk that is being read; this does not.
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

/** What ending a source does wrong is nobody's to mend: the call has its outcome. */
function quietly(end: () => unknown): void {
  try {
    ignoreFailure(end())
  } catch {
    // As above.
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
