import type { Procedure, ProcedureGroup, ReceivedType, SentType } from '@frameport/protocol'
import type { ProcedureMark } from '@frameport/protocol/contract'
import type {
  CallObserver,
  ErrorConstructors,
  HandlerResult,
  MiddlewareResult,
  ServedCallFacts,
  UploadArgs,
} from '@frameport/protocol/serving'

export type {
  CallEnd,
  CallObserver,
  ErrorConstructors,
  FailureDetails,
  HandlerResult,
  ItemsSource,
  MiddlewareResult,
  ServedCallFacts,
  Upload,
  UploadArgs,
} from '@frameport/protocol/serving'

/**
 * The function that answers the server's calls of procedure `P`. What it throws as an `RpcError` reaches the server; anything
 * else becomes INTERNAL without its text, and `onHandlerFailed` has it.
 */
export type ClientHandler<P extends Procedure> = (
  args: ServedCallFacts & {
    /** Validated; transforms and defaults have been applied. */
    readonly input: ReceivedType<P['input']>
    /** Builds the procedure's own errors: `throw errors.BUSY({ until })`. */
    readonly errors: ErrorConstructors<{
      readonly [Code in keyof P['errors']]: SentType<P['errors'][Code]>
    }>
  } & UploadArgs<P>,
) => HandlerResult<P>

/** A handler for each procedure of a group, nested as in the contract: for all of them, and no other. */
export type ClientHandlers<Group extends ProcedureGroup> = {
  readonly [Name in keyof Group]: Group[Name] extends ProcedureMark
    ? Group[Name] extends Procedure
      ? ClientHandler<Group[Name]>
      : never
    : Group[Name] extends ProcedureGroup
      ? ClientHandlers<Group[Name]>
      : never
}

/**
 * Runs around the handlers of a client: refuses by throwing an RpcError, or goes on with `next()`, which takes what is to watch the
 * rest of the call.
 *
 * ```ts
 * const counted: ClientMiddleware = ({ procedure, next }) =>
 *   next({ onEnd: ({ outcome }) => count(procedure.fullName, outcome) })
 * ```
 */
export type ClientMiddleware = (
  args: ServedCallFacts & {
    /** Goes on to the next middleware or the handler. At most once per call. */
    readonly next: (observer?: CallObserver) => Promise<MiddlewareResult>
  },
) => Promise<MiddlewareResult>

/** A handler of this client that failed, and how. */
export interface HandlerFailure {
  /** `chat/ask`. */
  readonly procedure: string
  /** What it threw, or why a call was not run. */
  readonly error: unknown
}
