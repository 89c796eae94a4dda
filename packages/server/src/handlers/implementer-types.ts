import type { Contract, Procedure, ProcedureGroup } from '@frameport/protocol'
import type { ProcedureMark } from '@frameport/protocol/contract'
import type { HandlerBinding, MiddlewareResult } from '@frameport/protocol/serving'
import type {
  Handler,
  HandlerEntry,
  HandlerPart,
  Handlers,
  HandlersAt,
  MiddlewareArgs,
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

// No interfaces below: in front of each method an editor would show all of their type arguments. The context comes
// first among these, because an editor cuts a long text at its end.

/** A place in a contract, and the middlewares gathered on the way there. `Base` is what the server makes. */
export type GroupImplementer<Context, Base, Group extends ProcedureGroup> = {
  /** Adds a middleware around everything implemented from the result on. Outermost first. */
  use<Added extends object>(
    middleware: (args: MiddlewareArgs<Context>) => Promise<MiddlewareResult<Added>>,
  ): GroupImplementer<Extend<Context, Added>, Base, Group>
  /** Goes to a procedure or a group of this one. */
  at<Name extends keyof Group & string>(name: Name): ImplementerAt<Context, Base, Group[Name]>
  /** Implements a procedure or a group of this one, in a file of its own if you like. */
  at<Name extends keyof Group & string>(
    name: Name,
    handlers: HandlersAt<Group[Name], Context>,
  ): HandlerPart<Group[Name], Base>
  /** All of the group. */
  handlers(handlers: Handlers<Group, Context>): HandlerPart<Group, Base>
}

/** A single procedure, and the middlewares gathered on the way there. */
export type ProcedureImplementer<Context, Base, P extends Procedure> = {
  use<Added extends object>(
    middleware: (args: MiddlewareArgs<Context>) => Promise<MiddlewareResult<Added>>,
  ): ProcedureImplementer<Extend<Context, Added>, Base, P>
  handler(handler: Handler<P, Context>): HandlerPart<P, Base>
}

export type ImplementerAt<Context, Base, Target> = Target extends ProcedureMark
  ? Target extends Procedure
    ? ProcedureImplementer<Context, Base, Target>
    : never
  : Target extends ProcedureGroup
    ? GroupImplementer<Context, Base, Target>
    : never

/** The handlers of all of contract `Of`: `Handlers<Of['procedures'], Context>` in a type that shows the contract by its name. */
export type HandlersOf<Of extends Contract, Context> = {
  readonly [Name in keyof Of['procedures']]: HandlerEntry<Of['procedures'][Name], Context>
}

/** The root of contract `Of`. A type literal: editors would put all type arguments of an interface in front of each method. */
type RootImplementer<Context, Base, Of extends Contract> = {
  /** Adds a middleware around everything implemented from the result on. Outermost first. */
  use<Added extends object>(
    middleware: (args: MiddlewareArgs<Context>) => Promise<MiddlewareResult<Added>>,
  ): ContractImplementer<Extend<Context, Added>, Base, Of>
  /** Goes to a procedure or a group of the contract. */
  at<Name extends keyof Of['procedures'] & string>(
    name: Name,
  ): ImplementerAt<Context, Base, Of['procedures'][Name]>
  /** Implements a procedure or a group, in a file of its own if you like; give the result to `handlers`. */
  at<Name extends keyof Of['procedures'] & string>(
    name: Name,
    handlers: HandlersAt<Of['procedures'][Name], Context>,
  ): HandlerPart<Of['procedures'][Name], Base>
  /**
   * All of the contract: a handler for each procedure and no other.
   *
   * @throws ProtocolError INVALID_CONTRACT when one is missing, unknown or of another contract.
   */
  handlers(handlers: HandlersOf<Of, Context>): Implementation<Base, ClientEventOf<Of['events']>, Of>
}

/** The root of contract `Of`, after `$context` or `use`. */
export type ContractImplementer<Context, Base, Of extends Contract> = RootImplementer<Context, Base, Of> & {
  readonly $context: CallOnceAndBeforeUse$context
}

/** What `implement(contract)` gives. */
export type Implementer<Of extends Contract> = RootImplementer<
  DeclareTheContextWith$context,
  Record<never, never>,
  Of
> & {
  /**
   * Declares the context that the server makes for each connection: `createServer` requires its option `context` then.
   * Once, and before any `use`.
   *
   * @throws ProtocolError INVALID_CONTRACT for a second one, or one after `use`
   */
  $context<Context extends object>(): ContractImplementer<Context, Context, Of>
}
