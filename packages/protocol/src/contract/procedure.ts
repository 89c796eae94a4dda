import type { ReceivedType, Schema, SentType } from './schema.ts'

/** A contract's own error codes (UPPER_SNAKE) and the schema of the data each one carries. */
export interface ErrorSchemas {
  readonly [code: string]: Schema
}

/** No error codes of its own. */
export type NoErrors = Record<never, never>

/**
 * One entry of a contract. Made by {@link procedure}; immutable.
 *
 * `Input`, `Output`, `Items` and `Errors` are the schemas themselves, so that they can be used elsewhere
 * (`chat.procedures.join.input`); `undefined` where there is none.
 */
export interface Procedure<
  Input extends Schema | undefined = Schema | undefined,
  Output extends Schema | undefined = Schema | undefined,
  Items extends Schema | undefined = Schema | undefined,
  Errors extends ErrorSchemas = ErrorSchemas,
> {
  readonly kind: 'procedure'
  readonly input: Input
  readonly output: Output
  readonly items: Items
  readonly errors: Errors
  /** Safe to run again when its fate is unknown. Default false. */
  readonly idempotent: boolean
  /** One line for people. */
  readonly summary: string | undefined
}

/**
 * What recognises a procedure among the members of a group. Groups ask for no more than this: comparing every
 * schema with `Schema` would be slow, and `procedure({})` would take its type parameters from the group.
 */
export interface ProcedureMark {
  readonly kind: 'procedure'
}

/** Procedures and further groups by name. */
export interface ProcedureGroup {
  readonly [name: string]: ProcedureMark | ProcedureGroup
}

interface CommonDefinition<Input, Errors> {
  /** Schema of the argument; without it the procedure takes none. */
  readonly input?: Input
  /** Own error codes in UPPER_SNAKE, each with the schema of its data. */
  readonly errors?: Errors
  /** The procedure may run again when the fate of a call is unknown. Default false. */
  readonly idempotent?: boolean
  /** One line for people: shown by tools. */
  readonly summary?: string
}

/** A call with one answer. */
export interface UnaryDefinition<Input, Output, Errors> extends CommonDefinition<Input, Errors> {
  /** Schema of the answer; without it the procedure answers nothing (`void`). */
  readonly output?: Output
  readonly items?: never
}

/** A call that is answered by a stream of items. */
export interface StreamDefinition<Input, Items, Errors> extends CommonDefinition<Input, Errors> {
  /** Schema of one item: makes the procedure a server stream. */
  readonly items: Items
  readonly output?: never
}

/**
 * Declares a procedure that answers with a stream of items.
 *
 * ```ts
 * procedure({ input: Where, items: Line })
 * ```
 */
export function procedure<
  Items extends Schema,
  Input extends Schema | undefined = undefined,
  Errors extends ErrorSchemas = NoErrors,
>(definition: StreamDefinition<Input, Items, Errors>): Procedure<Input, undefined, Items, Errors>
/**
 * Declares a procedure with one answer. The definition is checked by `contract()`, which knows its path.
 *
 * ```ts
 * procedure({ input: Join, output: Room, errors: { NAME_TAKEN: Suggestion } })
 * ```
 */
export function procedure<
  Input extends Schema | undefined = undefined,
  Output extends Schema | undefined = undefined,
  Errors extends ErrorSchemas = NoErrors,
>(definition: UnaryDefinition<Input, Output, Errors>): Procedure<Input, Output, undefined, Errors>
export function procedure(definition: {
  readonly input?: Schema | undefined
  readonly output?: Schema | undefined
  readonly items?: Schema | undefined
  readonly errors?: ErrorSchemas
  readonly idempotent?: boolean
  readonly summary?: string
}): Procedure {
  return Object.freeze({
    kind: 'procedure',
    input: definition.input,
    output: definition.output,
    items: definition.items,
    errors: Object.freeze({ ...definition.errors }),
    idempotent: definition.idempotent ?? false,
    summary: definition.summary,
  })
}

/** The argument a client passes to procedure `P`: `InputOf<typeof chat.procedures.join>`. */
export type InputOf<P extends Procedure> = SentType<P['input']>

/** What a call of procedure `P` resolves to on the client. */
// biome-ignore lint/suspicious/noConfusingVoidType: it is what a call resolves to, as in Promise<void>.
export type OutputOf<P extends Procedure> = P['output'] extends Schema ? ReceivedType<P['output']> : void

/** One item of stream `P` on the client. */
export type ItemOf<P extends Procedure> = P['items'] extends Schema ? ReceivedType<P['items']> : never
