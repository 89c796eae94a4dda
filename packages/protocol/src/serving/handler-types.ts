/// <reference lib="esnext.disposable" />
import type { CalledProcedure } from '../contract/called-procedure.ts'
import type { ParseOptions } from '../contract/parse-with.ts'
import type { Procedure } from '../contract/procedure.ts'
import type { ReceivedType, Schema, SentType } from '../contract/schema.ts'
import type { Metadata } from '../envelope/envelope-parts.ts'
import type { CallObserver } from './call-observer.ts'
import type { ErasedErrorConstructors } from './error-constructors.ts'

/** The arguments that middlewares and handlers share, on either side. */
export interface ServedCallFacts {
  /**
   * Aborted by the cancel of the caller, the deadline or the end of the connection, with an RpcError as the reason.
   */
  readonly signal: AbortSignal
  /** When the caller gives up, on the monotonic clock of the session; undefined without a deadline. */
  readonly deadlineAtMs: number | undefined
  /** Returns the milliseconds until then, never below 0; undefined without a deadline. */
  remainingMs(): number | undefined
  /** The metadata that the caller sent. */
  readonly metadata: Metadata
  /** The procedure that was called. */
  readonly procedure: CalledProcedure
}

/** The arguments that a side provides. The binding adds the procedure. */
export type IncomingCallFacts = Omit<ServedCallFacts, 'procedure'>

/**
 * The items that a caller sends with its call, to be read once with `for await`. Leaving the loop, and answering the
 * call, stops the caller; reading slowly makes it wait. The loop throws an RpcError: INVALID_ARGUMENT for an item
 * that is not valid, or the reason why the call was cancelled.
 */
export interface Upload<Item> extends AsyncIterableIterator<Item, undefined> {
  /** The number of items that were read. */
  readonly items: number
  /** The bytes of those items on the wire. */
  readonly bytes: number
  /**
   * Accepts no more items. Items that are under way are dropped, and the call continues. Can be called more than
   * once.
   */
  stop(): void
  /** The same as `stop()`. */
  return(): Promise<IteratorResult<Item, undefined>>
  /** Returns the upload itself. */
  [Symbol.asyncIterator](): Upload<Item>
  /** The same as `stop()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** The further argument of a handler of procedure `P`, if its callers send items. */
export type UploadArgs<P extends Procedure> = P['upload'] extends Schema
  ? { readonly upload: Upload<ReceivedType<P['upload']>> }
  : unknown

/** The result of the handler of a stream: an async generator or any other `AsyncIterable` of items. */
export type ItemsSource<Item> = AsyncIterable<Item, unknown, undefined>

/** The result of a handler of procedure `P`. */
export type HandlerResult<P extends Procedure> = P['items'] extends Schema
  ? ItemsSource<SentType<P['items']>> | Promise<ItemsSource<SentType<P['items']>>>
  : P['output'] extends Schema
    ? SentType<P['output']> | Promise<SentType<P['output']>>
    : void | Promise<void>

/** The result of `next()` of a middleware, and of the middleware itself. */
export interface MiddlewareResult<Added extends object = Record<never, never>> {
  /** The answer of the handler; for a stream an `AsyncIterable` that has not been read yet. */
  readonly output: unknown
  /** Exists only for the compiler: what the middleware added to the context. */
  readonly '~added'?: Added
}

/**
 * Calls the next middleware or the handler. At most once per call. Its argument is checked: an unknown name or a
 * wrong value fails the call with INTERNAL, and the log has the ProtocolError INVALID_OPTION.
 */
export interface MiddlewareNext {
  /** @param observer callbacks for the items and the end of the call */
  (observer?: CallObserver): Promise<MiddlewareResult>
  /**
   * @param more members that are added to the context of the middlewares and the handler that follow, and an observer
   */
  <Added extends object>(more: CallObserver & { readonly context: Added }): Promise<MiddlewareResult<Added>>
}

/** A handler without its types, which were checked where it was written. */
export type ErasedHandler = (
  args: ServedCallFacts & {
    readonly input: unknown
    readonly errors: ErasedErrorConstructors
    readonly upload?: Upload<unknown> | undefined
  },
) => unknown

/** A middleware without its types, which were checked where it was written. */
export type ErasedMiddleware = (
  args: ServedCallFacts & { readonly next: MiddlewareNext },
) => Promise<MiddlewareResult<object>>

/** A handler with its middlewares, as `runHandler` runs it. */
export interface HandlerBinding {
  /** The path below the root of the contract for an implementation, or below its own place for a part. */
  readonly path: string
  /** The procedure. */
  readonly procedure: Procedure
  /** The middlewares, outermost first. */
  readonly middlewares: readonly ErasedMiddleware[]
  /** The handler. */
  readonly handler: ErasedHandler
  /** The `procedure` argument of the handler. Made once, not for each call. */
  readonly called: CalledProcedure
  /** The `errors` argument of the handler. Made once, not for each call. */
  readonly errors: ErasedErrorConstructors
  /** How its input is validated. */
  readonly input: ParseOptions
  /** How its output is validated. */
  readonly output: ParseOptions
}
