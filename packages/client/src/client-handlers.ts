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
 * The function that answers the server's calls of procedure `P`. An `RpcError` that it throws is sent to the server. Any other error becomes
 * INTERNAL without its text, and is passed to `onHandlerFailed`.
 */
export type ClientHandler<P extends Procedure> = (
  args: ServedCallFacts & {
    /** The validated input: transforms and defaults of the schema have been applied. */
    readonly input: ReceivedType<P['input']>
    /** Builds the procedure's own errors: `throw errors.BUSY({ until })`. */
    readonly errors: ErrorConstructors<{
      readonly [Code in keyof P['errors']]: SentType<P['errors'][Code]>
    }>
  } & UploadArgs<P>,
) => HandlerResult<P>

/** A handler for each procedure of a group, nested as in the contract. Other names are not allowed. */
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
 * Runs around the handlers of a client. It refuses a call by throwing an RpcError, or continues with `next()`, which takes an observer for the
 * rest of the call.
 *
 * @example
 * ```ts
 * const counted: ClientMiddleware = ({ procedure, next }) =>
 *   next({ onEnd: ({ outcome }) => count(procedure.fullName, outcome) })
 * ```
 */
export type ClientMiddleware = (
  args: ServedCallFacts & {
    /** Runs the next middleware, or the handler. It may be called at most once per call. */
    readonly next: (observer?: CallObserver) => Promise<MiddlewareResult>
  },
) => Promise<MiddlewareResult>

/** The failure of a handler of this client, as `onHandlerFailed` gets it. */
export interface HandlerFailure {
  /** The full name of the procedure that failed: `chat/ask`. */
  readonly procedure: string
  /** What the handler threw, or why a call was not run. */
  readonly error: unknown
}
