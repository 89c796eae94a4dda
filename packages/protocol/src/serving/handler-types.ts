/// <reference lib="esnext.disposable" />
import type { CalledProcedure } from '../contract/called-procedure.ts'
import type { ParseOptions } from '../contract/parse-with.ts'
import type { Procedure } from '../contract/procedure.ts'
import type { ReceivedType, Schema, SentType } from '../contract/schema.ts'
import type { Metadata } from '../envelope/envelope-parts.ts'
import type { CallObserver } from './call-observer.ts'
import type { ErasedErrorConstructors } from './error-constructors.ts'

/** The facts of one call that middlewares and handlers share, on whichever side they run. */
export interface ServedCallFacts {
  /** Aborted by the caller's cancel, the deadline or the end of the connection; its reason is an RpcError. */
  readonly signal: AbortSignal
  /** On the session's monotonic clock: when the caller gives up. `undefined` without a deadline. */
  readonly deadlineAtMs: number | undefined
  /** Milliseconds left until then, never below 0. `undefined` without a deadline. */
  remainingMs(): number | undefined
  readonly metadata: Metadata
  readonly procedure: CalledProcedure
}

/** What a side knows of a call; the binding knows the rest. */
export type IncomingCallFacts = Omit<ServedCallFacts, 'procedure'>

/**
 * The items that a caller sends with its call, to be read once with `for await`. Leaving the loop tells the caller to stop; so does
 * the answer. Reading slowly makes the caller wait. It throws an RpcError: INVALID_ARGUMENT for an item that is not valid, and
 * why the call was cancelled.
 */
export interface Upload<Item> extends AsyncIterableIterator<Item, undefined> {
  /** Items that were read so far. */
  readonly items: number
  /** Bytes that they took on the wire. */
  readonly bytes: number
  /** Takes no more items. What was on its way is dropped; the call goes on. Idempotent. */
  stop(): void
  /** As `stop()`. */
  return(): Promise<IteratorResult<Item, undefined>>
  [Symbol.asyncIterator](): Upload<Item>
  [Symbol.asyncDispose](): Promise<void>
}

/** What a handler gets beside the rest when callers of procedure `P` send items. */
export type UploadArgs<P extends Procedure> = P['upload'] extends Schema
  ? { readonly upload: Upload<ReceivedType<P['upload']>> }
  : unknown

/** What an async generator of items gives; any other `AsyncIterable` of them will do. */
export type ItemsSource<Item> = AsyncIterable<Item, unknown, undefined>

/** What a handler of procedure `P` may return. */
export type HandlerResult<P extends Procedure> = P['items'] extends Schema
  ? ItemsSource<SentType<P['items']>> | Promise<ItemsSource<SentType<P['items']>>>
  : P['output'] extends Schema
    ? SentType<P['output']> | Promise<SentType<P['output']>>
    : void | Promise<void>

/** What a middleware's `next()` settles with. */
export interface MiddlewareResult<Added extends object = Record<never, never>> {
  /** The handler's answer; for a stream the items to come, not yet asked for. */
  readonly output: unknown
  /** Only for the compiler: what the middleware added to the context. */
  readonly '~added'?: Added
}

/**
 * Goes on to the next middleware or the handler. At most once per call. What it is given is checked: a name that it does
 * not know, or a wrong value, fails the call with INTERNAL, and the log has a ServerError `INVALID_OPTION`.
 */
export interface MiddlewareNext {
  /** `onItem` and `onEnd` tell of the items and of the end of the call. */
  (observer?: CallObserver): Promise<MiddlewareResult>
  /** As above, with more context for what follows. */
  <Added extends object>(more: CallObserver & { readonly context: Added }): Promise<MiddlewareResult<Added>>
}

/** A handler whose types have been checked where it was written. */
export type ErasedHandler = (
  args: ServedCallFacts & {
    readonly input: unknown
    readonly errors: ErasedErrorConstructors
    readonly upload?: Upload<unknown> | undefined
  },
) => unknown

/** A middleware whose types have been checked where it was written. */
export type ErasedMiddleware = (
  args: ServedCallFacts & { readonly next: MiddlewareNext },
) => Promise<MiddlewareResult<object>>

/** A handler with its middlewares, as `runHandler` runs it. */
export interface HandlerBinding {
  /** Below the contract's root for an implementation, below the part's own place for a part. */
  readonly path: string
  readonly procedure: Procedure
  /** Outermost first. */
  readonly middlewares: readonly ErasedMiddleware[]
  readonly handler: ErasedHandler
  /** What the handler gets as `procedure` and `errors`: made once, not per call. */
  readonly called: CalledProcedure
  readonly errors: ErasedErrorConstructors
  /** How its input and its output are checked: made once, too. */
  readonly input: ParseOptions
  readonly output: ParseOptions
}
