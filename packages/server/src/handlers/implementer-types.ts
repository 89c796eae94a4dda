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

/** The context after a middleware has added members to it. Added members replace members with the same name. */
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
 * The context of handlers without a declared context: it has no members. The compiler shows this name when a handler
 * reads a member anyway. Declare the context with `implement(contract).$context<{ user: User }>()`.
 */
export type DeclareTheContextWith$context = { readonly [Name in never]: never }

/**
 * The type of `$context` where it can no longer be called. The compiler shows this name when it is called anyway:
 * call `implement(contract).$context<…>()` once, and before any `use()`.
 */
export interface CallOnceAndBeforeUse$context {
  /** Only for the compiler. */
  readonly '~advice': never
}

/**
 * The result of `implement(contract).handlers()`, for `createServer`: the contract `Of` with its handlers, which
 * require a context of type `Context`.
 */
export interface Implementation<in Context, out ClientEvent = never, out Of extends Contract = Contract> {
  /** Tells an implementation from a contract. */
  readonly kind: 'implementation'
  /** The implemented contract. */
  readonly contract: Of
  /** True if the context was declared with `$context`: the server then requires the option `context`. */
  readonly needsContext: boolean
  /** The handlers with their procedures and middlewares, by path: `files.put`. */
  readonly bindings: ReadonlyMap<string, HandlerBinding>
  /** Only for the compiler: the context that the handlers require. */
  readonly '~context'?: (context: Context) => void
  /** Only for the compiler: the events that clients can subscribe to. */
  readonly '~clientEvent'?: ClientEvent
}

/** The events with `subscribe: 'clients'` among the events of a contract. */
export type ClientEventOf<Events> = {
  readonly [Name in keyof Events]: Events[Name] extends { readonly subscribe: 'clients' }
    ? Events[Name]
    : never
}[keyof Events]

// No interfaces below: in front of each method an editor would show all of their type arguments. The context comes
// first among these, because an editor cuts a long text at its end.

/**
 * Implements a group of a contract, with the middlewares that were added before. `Base` is the context that the server
 * makes.
 */
export type GroupImplementer<Context, Base, Group extends ProcedureGroup> = {
  /** Adds a middleware to everything that is implemented with the result. The first one added is the outermost. */
  use<Added extends object>(
    middleware: (args: MiddlewareArgs<Context>) => Promise<MiddlewareResult<Added>>,
  ): GroupImplementer<Extend<Context, Added>, Base, Group>
  /** Returns an implementer of a procedure or a nested group. */
  at<Name extends keyof Group & string>(name: Name): ImplementerAt<Context, Base, Group[Name]>
  /** Implements a procedure or a nested group, for example in its own file. Give the result to `handlers`. */
  at<Name extends keyof Group & string>(
    name: Name,
    handlers: HandlersAt<Group[Name], Context>,
  ): HandlerPart<Group[Name], Base>
  /**
   * Implements the whole group: a handler for each procedure and no other.
   *
   * @throws ProtocolError INVALID_CONTRACT if one is missing, unknown or of another contract
   */
  handlers(handlers: Handlers<Group, Context>): HandlerPart<Group, Base>
}

/** Implements a single procedure, with the middlewares that were added before. */
export type ProcedureImplementer<Context, Base, P extends Procedure> = {
  /** Adds a middleware to the handler. The first one added is the outermost. */
  use<Added extends object>(
    middleware: (args: MiddlewareArgs<Context>) => Promise<MiddlewareResult<Added>>,
  ): ProcedureImplementer<Extend<Context, Added>, Base, P>
  /** Implements the procedure. Give the result to `handlers` of its group or contract. */
  handler(handler: Handler<P, Context>): HandlerPart<P, Base>
}

/** The result of `at(name)`: an implementer of a procedure or of a group. */
export type ImplementerAt<Context, Base, Target> = Target extends ProcedureMark
  ? Target extends Procedure
    ? ProcedureImplementer<Context, Base, Target>
    : never
  : Target extends ProcedureGroup
    ? GroupImplementer<Context, Base, Target>
    : never

/**
 * The handlers of the whole contract `Of`. The same as `Handlers<Of['procedures'], Context>`, but editors show the
 * contract by its name.
 */
export type HandlersOf<Of extends Contract, Context> = {
  readonly [Name in keyof ProceduresOf<Of>]: HandlerEntry<ProceduresOf<Of>[Name], Context>
}

/**
 * The procedures of a contract. Without any, no name is allowed: a mapped type of no names would accept every object.
 */
type ProceduresOf<Of extends Contract> = keyof Of['procedures'] extends never
  ? { readonly [Name in string]: never }
  : Of['procedures']

/**
 * Implements contract `Of`. A type literal, because editors would show all type arguments of an interface in front of
 * each method.
 */
type RootImplementer<Context, Base, Of extends Contract> = {
  /** Adds a middleware to everything that is implemented with the result. The first one added is the outermost. */
  use<Added extends object>(
    middleware: (args: MiddlewareArgs<Context>) => Promise<MiddlewareResult<Added>>,
  ): ContractImplementer<Extend<Context, Added>, Base, Of>
  /** Returns an implementer of a procedure or a group of the contract. */
  at<Name extends keyof Of['procedures'] & string>(
    name: Name,
  ): ImplementerAt<Context, Base, Of['procedures'][Name]>
  /** Implements a procedure or a group, for example in its own file. Give the result to `handlers`. */
  at<Name extends keyof Of['procedures'] & string>(
    name: Name,
    handlers: HandlersAt<Of['procedures'][Name], Context>,
  ): HandlerPart<Of['procedures'][Name], Base>
  /**
   * Implements the whole contract: a handler for each procedure and no other. Give the result to `createServer`.
   *
   * @throws ProtocolError INVALID_CONTRACT if one is missing, unknown or of another contract
   */
  handlers(handlers: HandlersOf<Of, Context>): Implementation<Base, ClientEventOf<Of['events']>, Of>
}

/** Implements contract `Of`, after `$context` or `use`. */
export type ContractImplementer<Context, Base, Of extends Contract> = RootImplementer<Context, Base, Of> & {
  /** No longer callable: call `implement(contract).$context<…>()` once, and before any `use()`. */
  readonly $context: CallOnceAndBeforeUse$context
}

/** The result of `implement(contract)`. */
export type Implementer<Of extends Contract> = RootImplementer<
  DeclareTheContextWith$context,
  Record<never, never>,
  Of
> & {
  /**
   * Declares the type of the context that the server makes for each connection: `createServer` then requires its option
   * `context`. Call it once, and before any `use`.
   *
   * @throws ProtocolError INVALID_CONTRACT if it is called a second time or after `use`
   */
  $context<Context extends object>(): ContractImplementer<Context, Context, Of>
}
