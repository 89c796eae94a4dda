/// <reference lib="esnext.disposable" />
import type {
  CalledProcedure,
  ErrorData,
  Metadata,
  Procedure,
  ProcedureGroup,
  ReceivedType,
  Schema,
  SentType,
} from '@frameport/protocol'
import type { ParseOptions, ProcedureMark } from '@frameport/protocol/contract'
import type { HandlerConnection, Server } from '../server-types.ts'
import type { CallObserver } from './call-observer.ts'
import type { ErasedErrorConstructors, ErrorConstructors } from './error-constructors.ts'

/** The facts of one call that middlewares and handlers share. */
export interface CallFacts<Context> {
  /** Made per connection by the server's `context` option, widened by middlewares. */
  readonly context: Context
  /** Aborted by the client's cancel, the deadline or the end of the connection; its reason is an RpcError. */
  readonly signal: AbortSignal
  readonly connection: HandlerConnection
  /** As `server.publish`, for handlers that are written before there is a server. */
  readonly publish: Server['publish']
  /** As `server.connections`: all connections of the server, not only those that call this procedure. */
  readonly connections: Server['connections']
  /** On the session's monotonic clock: when the client gives up. `undefined` without a deadline. */
  readonly deadlineAtMs: number | undefined
  /** Milliseconds left until then, never below 0. `undefined` without a deadline. */
  remainingMs(): number | undefined
  readonly metadata: Metadata
  readonly procedure: CalledProcedure
}

/** What a handler is called with. */
export interface HandlerArgs<Input, Context, Data extends ErrorData> extends CallFacts<Context> {
  /** Validated; transforms and defaults have been applied. */
  readonly input: Input
  /** Builds the procedure's own errors: `throw errors.NAME_TAKEN({ suggestion })`. */
  readonly errors: ErrorConstructors<Data>
}

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

/**
 * The function behind procedure `P`. One that answers with items is an async generator, or returns any
 * `AsyncIterable`. What it throws as an `RpcError` reaches the client; anything else becomes INTERNAL
 * without its text.
 */
export type Handler<P extends Procedure, Context> = (
  args: HandlerArgs<
    ReceivedType<P['input']>,
    Context,
    { readonly [Code in keyof P['errors']]: SentType<P['errors'][Code]> }
  > &
    UploadArgs<P>,
) => HandlerResult<P>

/** A handler, or handlers, or parts made by `at()`, for each name of a group: all of them, and no other. */
export type Handlers<Group extends ProcedureGroup, Context> = {
  readonly [Name in keyof Group]: HandlerEntry<Group[Name], Context>
}

/** What `handlers()` takes under the name of a procedure or a group. */
export type HandlerEntry<Target, Context> = HandlersAt<Target, Context> | HandlerPart<Target, Context>

/** What `at(name, …)` takes: a function for a procedure, handlers for a group. */
export type HandlersAt<Target, Context> = Target extends ProcedureMark
  ? Target extends Procedure
    ? Handler<Target, Context>
    : never
  : Target extends ProcedureGroup
    ? Handlers<Target, Context>
    : never

/** A handler with its middlewares, as the server runs it with `runHandler`. */
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

/** Handlers of a part of a contract, written elsewhere: made by `at()`, given to `handlers()`. */
export interface HandlerPart<Target, in Context> {
  readonly kind: 'handlerPart'
  /** The procedure or the group of the contract that these are for. */
  readonly target: Target
  readonly bindings: readonly HandlerBinding[]
  /** Only for the compiler: the context that has to be there. */
  readonly '~context'?: (context: Context) => void
}

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

/** What a middleware is called with: no input, which is validated only after all of them have gone on. */
export interface MiddlewareArgs<Context> extends CallFacts<Context> {
  readonly next: MiddlewareNext
}

/**
 * Runs around handlers: refuses by throwing an RpcError, or goes on with `next()`, which may widen the context.
 *
 * ```ts
 * impl.use(async ({ connection, next }) => next({ context: { user: await userOf(connection) } }))
 * impl.use(({ procedure, next }) => next({ onEnd: ({ outcome }) => count(procedure.fullName, outcome) }))
 * ```
 */
export type Middleware<Context, Added extends object = Record<never, never>> = (
  args: MiddlewareArgs<Context>,
) => Promise<MiddlewareResult<Added>>

/** A handler whose types have been checked where it was written. */
export type ErasedHandler = (
  args: Omit<HandlerArgs<unknown, unknown, object>, 'errors'> & {
    readonly errors: ErasedErrorConstructors
    readonly upload?: Upload<unknown> | undefined
  },
) => unknown

/** A middleware whose types have been checked where it was written. */
export type ErasedMiddleware = (args: MiddlewareArgs<unknown>) => Promise<MiddlewareResult<object>>
