/// <reference lib="esnext.disposable" />
import type { ErrorData, Procedure, ProcedureGroup, ReceivedType, SentType } from '@frameport/protocol'
import type { ProcedureMark } from '@frameport/protocol/contract'
import type {
  ErrorConstructors,
  HandlerBinding,
  HandlerResult,
  MiddlewareNext,
  MiddlewareResult,
  ServedCallFacts,
  UploadArgs,
} from '@frameport/protocol/serving'
import type { HandlerConnection } from '../connection-types.ts'
import type { Server } from '../server-types.ts'

/** The facts of one call that middlewares and handlers share. */
export interface CallFacts<Context> extends ServedCallFacts {
  /** Made per connection by the server's `context` option, widened by middlewares. */
  readonly context: Context
  readonly connection: HandlerConnection
  /** As `server.publish`, for handlers that are written before there is a server. */
  readonly publish: Server['publish']
  /** As `server.connections`: all connections of the server, not only those that call this procedure. */
  readonly connections: Server['connections']
}

/** What the server knows of a call; the binding knows the rest. */
export type IncomingFacts = Omit<CallFacts<unknown>, 'procedure'>

/** What a handler is called with. */
export interface HandlerArgs<Input, Context, Data extends ErrorData> extends CallFacts<Context> {
  /** Validated; transforms and defaults have been applied. */
  readonly input: Input
  /** Builds the procedure's own errors: `throw errors.NAME_TAKEN({ suggestion })`. */
  readonly errors: ErrorConstructors<Data>
}

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

/** Handlers of a part of a contract, written elsewhere: made by `at()`, given to `handlers()`. */
export interface HandlerPart<Target, in Context> {
  readonly kind: 'handlerPart'
  /** The procedure or the group of the contract that these are for. */
  readonly target: Target
  readonly bindings: readonly HandlerBinding[]
  /** Only for the compiler: the context that has to be there. */
  readonly '~context'?: (context: Context) => void
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
