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

/** The arguments that middlewares and handlers have in common. */
export interface CallFacts<Context> extends ServedCallFacts {
  /**
   * The result of the server's option `context` or `renewContext` for this connection, with the members that
   * middlewares have added.
   */
  readonly context: Context
  /** The connection of the caller. */
  readonly connection: HandlerConnection
  /** The same as `server.publish`, because handlers are written before the server exists. */
  readonly publish: Server['publish']
  /** The same as `server.connections`: all connections of the server. */
  readonly connections: Server['connections']
}

/**
 * The facts of a call that a {@link HandlerBinding} needs to run its handler: all but the procedure, which the binding
 * has.
 */
export type IncomingFacts = Omit<CallFacts<unknown>, 'procedure'>

/** The argument of a handler. */
export interface HandlerArgs<Input, Context, Data extends ErrorData> extends CallFacts<Context> {
  /** The validated input, with defaults and transforms of the schema applied. */
  readonly input: Input
  /** Creates the errors that the procedure declares: `throw errors.NAME_TAKEN({ suggestion })`. */
  readonly errors: ErrorConstructors<Data>
}

/**
 * The function that implements procedure `P`. If the procedure declares `items`, it is an async generator or returns an
 * `AsyncIterable`. An `RpcError` that it throws reaches the client if its code is a standard code or declared by the
 * procedure; any other error becomes INTERNAL without its text, and is logged.
 */
export type Handler<P extends Procedure, Context> = (
  args: HandlerArgs<
    ReceivedType<P['input']>,
    Context,
    { readonly [Code in keyof P['errors']]: SentType<P['errors'][Code]> }
  > &
    UploadArgs<P>,
) => HandlerResult<P>

/**
 * The handlers of a group: for each of its names a handler, the handlers of a nested group, or a part made with `at()`.
 * No other names are allowed.
 */
export type Handlers<Group extends ProcedureGroup, Context> = {
  readonly [Name in keyof Group]: HandlerEntry<Group[Name], Context>
}

/** The value for one name in {@link Handlers}. */
export type HandlerEntry<Target, Context> = HandlersAt<Target, Context> | HandlerPart<Target, Context>

/** The second argument of `at(name, …)`: a function for a procedure, an object of handlers for a group. */
export type HandlersAt<Target, Context> = Target extends ProcedureMark
  ? Target extends Procedure
    ? Handler<Target, Context>
    : never
  : Target extends ProcedureGroup
    ? Handlers<Target, Context>
    : never

/**
 * The handlers of one part of a contract, such as a group in another file: the result of `at()`, to be given to
 * `handlers()`.
 */
export interface HandlerPart<Target, in Context> {
  /** Tells a part from a handler. */
  readonly kind: 'handlerPart'
  /** The procedure or group of the contract that the handlers implement. */
  readonly target: Target
  /** The handlers with their procedures and middlewares. */
  readonly bindings: readonly HandlerBinding[]
  /** Only for the compiler: the context that the handlers require. */
  readonly '~context'?: (context: Context) => void
}

/**
 * The argument of a middleware. It has no input, because the input is validated after all middlewares have called
 * `next`.
 */
export interface MiddlewareArgs<Context> extends CallFacts<Context> {
  /** Continues with the next middleware or the handler. Call it at most once, and return its result. */
  readonly next: MiddlewareNext
}

/**
 * A function that runs around handlers. It refuses a call by throwing an RpcError, or continues with `next()`, which
 * can add to the context.
 *
 * @example
 * ```ts
 * impl.use(async ({ connection, next }) => next({ context: { user: await userOf(connection) } }))
 * impl.use(({ procedure, next }) => next({ onEnd: ({ outcome }) => count(procedure.fullName, outcome) }))
 * ```
 */
export type Middleware<Context, Added extends object = Record<never, never>> = (
  args: MiddlewareArgs<Context>,
) => Promise<MiddlewareResult<Added>>
