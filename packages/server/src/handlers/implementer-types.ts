import type { Contract, Procedure, ProcedureGroup } from '@frameport/protocol'
import type { ProcedureMark } from '@frameport/protocol/contract'
import type {
  Handler,
  HandlerBinding,
  HandlerPart,
  Handlers,
  HandlersAt,
  MiddlewareArgs,
  MiddlewareResult,
} from './handler-types.ts'

/** The context after a middleware added to it; what it added wins. */
export type Extend<Context, Added> = keyof Added extends never
  ? Context
  : {
      readonly [Key in keyof Context | keyof Added]: Key extends keyof Added
        ? Added[Key]
        : Key extends keyof Context
          ? Context[Key]
          : never
    }

/**
 * The context of handlers for which nobody has declared one: it has no members. The compiler shows this name to whoever
 * reads one all the same; `implement(contract).$context<{ user: User }>()` is the cure.
 */
export type DeclareTheContextWith$context = { readonly [Name in never]: never }

/**
 * What is left of `$context` where it cannot be called any more. The compiler shows this name to whoever calls it:
 * `implement(contract).$context<…>()` comes once, and before any `use()`.
 */
export interface CallOnceAndBeforeUse$context {
  readonly '~advice': never
}

/** The contract `Of` with its handlers, to be given to a server whose context has what `Context` says. */
export interface Implementation<in Context, out ClientEvent = never, out Of extends Contract = Contract> {
  readonly kind: 'implementation'
  readonly contract: Of
  /** Whether its context was declared with `$context`, so that a server has to make one. */
  readonly needsContext: boolean
  /** By path: `files.put`. */
  readonly bindings: ReadonlyMap<string, HandlerBinding>
  /** Only for the compiler: the context that the server has to make. */
  readonly '~context'?: (context: Context) => void
  /** Only for the compiler: the events that clients subscribe to, if the server lets them. */
  readonly '~clientEvent'?: ClientEvent
}

/** Those of a contract's events that clients subscribe to. */
export type ClientEventOf<Events> = {
  readonly [Name in keyof Events]: Events[Name] extends { readonly subscribe: 'clients' }
    ? Events[Name]
    : never
}[keyof Events]

/** A place in a contract, and the middlewares gathered on the way there. `Base` is what the server makes. */
export interface GroupImplementer<Group extends ProcedureGroup, Base, Context> {
  /** Adds a middleware around everything implemented from the result on. Outermost first. */
  use<Added extends object>(
    middleware: (args: MiddlewareArgs<Context>) => Promise<MiddlewareResult<Added>>,
  ): GroupImplementer<Group, Base, Extend<Context, Added>>
  /** Goes to a procedure or a group of this one. */
  at<Name extends keyof Group & string>(name: Name): ImplementerAt<Group[Name], Base, Context>
  /** Implements a procedure or a group of this one, in a file of its own if you like. */
  at<Name extends keyof Group & string>(
    name: Name,
    handlers: HandlersAt<Group[Name], Context>,
  ): HandlerPart<Group[Name], Base>
  /** All of the group. */
  handlers(handlers: Handlers<Group, Context>): HandlerPart<Group, Base>
}

/** A single procedure, and the middlewares gathered on the way there. */
export interface ProcedureImplementer<P extends Procedure, Base, Context> {
  use<Added extends object>(
    middleware: (args: MiddlewareArgs<Context>) => Promise<MiddlewareResult<Added>>,
  ): ProcedureImplementer<P, Base, Extend<Context, Added>>
  handler(handler: Handler<P, Context>): HandlerPart<P, Base>
}

export type ImplementerAt<Target, Base, Context> = Target extends ProcedureMark
  ? Target extends Procedure
    ? ProcedureImplementer<Target, Base, Context>
    : never
  : Target extends ProcedureGroup
    ? GroupImplementer<Target, Base, Context>
    : never

/** The contract's root. */
interface RootImplementer<Group extends ProcedureGroup, Base, Context, ClientEvent, Of extends Contract> {
  /** Adds a middleware around everything implemented from the result on. Outermost first. */
  use<Added extends object>(
    middleware: (args: MiddlewareArgs<Context>) => Promise<MiddlewareResult<Added>>,
  ): ContractImplementer<Group, Base, Extend<Context, Added>, ClientEvent, Of>
  /** Goes to a procedure or a group of the contract. */
  at<Name extends keyof Group & string>(name: Name): ImplementerAt<Group[Name], Base, Context>
  /** Implements a procedure or a group, in a file of its own if you like; give the result to `handlers`. */
  at<Name extends keyof Group & string>(
    name: Name,
    handlers: HandlersAt<Group[Name], Context>,
  ): HandlerPart<Group[Name], Base>
  /**
   * All of the contract: a handler for each procedure and no other.
   *
   * @throws ProtocolError INVALID_CONTRACT when one is missing, unknown or of another contract.
   */
  handlers(handlers: Handlers<Group, Context>): Implementation<Base, ClientEvent, Of>
}

/** The contract's root, after `$context` or `use`. */
export interface ContractImplementer<
  Group extends ProcedureGroup,
  Base,
  Context,
  ClientEvent = never,
  Of extends Contract = Contract,
> extends RootImplementer<Group, Base, Context, ClientEvent, Of> {
  readonly $context: CallOnceAndBeforeUse$context
}

/** What `implement(contract)` gives. */
export interface Implementer<
  Group extends ProcedureGroup,
  ClientEvent = never,
  Of extends Contract = Contract,
> extends RootImplementer<Group, Record<never, never>, DeclareTheContextWith$context, ClientEvent, Of> {
  /**
   * Declares the context that the server makes for each connection: `createServer` requires its option `context` then.
   * Once, and before any `use`.
   *
   * @throws ProtocolError INVALID_CONTRACT for a second one, or one after `use`
   */
  $context<Context extends object>(): ContractImplementer<Group, Context, Context, ClientEvent, Of>
}
