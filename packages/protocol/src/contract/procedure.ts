import { checkedDefinition, type Members } from './check-definition.ts'
import type {
  GiveAStandardSchema,
  OptionalSchemaTypes,
  ReceivedType,
  Schema,
  SchemaTypes,
  SentType,
} from './schema.ts'

/** A contract's own error codes (UPPER_SNAKE) and the schema of the data each one carries. */
export interface ErrorSchemas {
  readonly [code: string]: Schema
}

/** No error codes of its own. */
export type NoErrors = Record<never, never>

/** The schemas of a procedure: `undefined` where there is none. */
export interface ProcedureTypes {
  readonly input: Schema | undefined
  readonly output: Schema | undefined
  readonly items: Schema | undefined
  readonly errors: ErrorSchemas
  /** What callers send beside their input. */
  readonly upload: Schema | undefined
}

/**
 * One entry of a contract. Made by {@link procedure}; immutable.
 *
 * Its members are the schemas themselves, so that they can be used elsewhere (`chat.procedures.join.input`). Their types are
 * members of one type: the compiler resolves those of an object when it looks at one, and type arguments at once.
 */
export interface Procedure<out Types extends ProcedureTypes = ProcedureTypes> {
  readonly kind: 'procedure'
  readonly input: Types['input']
  readonly output: Types['output']
  readonly items: Types['items']
  readonly errors: Types['errors']
  readonly upload: Types['upload']
  /** Nobody answers. */
  readonly oneWay: boolean
  /** Safe to run again when its fate is unknown. Default false. */
  readonly idempotent: boolean
  /** See {@link ProcedureDefinition.resumeFrom}. It is the caller's: it does not travel, and is in no fingerprint. */
  readonly resumeFrom: ResumeFrom | undefined
  /** One line for people. */
  readonly summary: string | undefined
}

/** As a procedure keeps it, without the types of its input and its items. */
type ResumeFrom = (input: never, lastItem: never) => unknown

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

/** Nobody answers a call without an answer, nor takes items of its caller. */
type MayBeOneWay<Output, Items, Upload> = [Output, Items, Upload] extends [undefined, undefined, undefined]
  ? boolean
  : false

/** A stream goes on from an item by its input, and the items of its caller cannot be sent again. */
type MayResume<Input, Items, Upload> = [Upload] extends [undefined]
  ? Input extends GiveAStandardSchema
    ? Items extends GiveAStandardSchema
      ? ResumeFromItem<SentType<SchemaTypes<Input>>, ReceivedType<SchemaTypes<Items>>>
      : never
    : never
  : never

type ResumeFromItem<Sent, Item> = (input: Sent, lastItem: Item) => Sent

/** What {@link procedure} takes. */
export interface ProcedureDefinition<Input, Output, Items, Errors, Upload> {
  /** Schema of the argument; without it the procedure takes none. */
  readonly input?: Input
  /** Schema of the answer; without it the procedure answers nothing (`void`). Not together with `items`. */
  readonly output?: Output
  /** Schema of one item: makes the procedure a server stream. */
  readonly items?: Items
  /**
   * Schema of one item that the caller sends: makes the procedure a client stream, and together with `items` one that goes both ways.
   * `bytes()` for raw bytes, such as a file.
   */
  readonly upload?: Upload
  /**
   * Nobody answers: a call settles when it was handed to the connection, and no failure of the handler reaches the caller. Only
   * together with `input`. Default false.
   */
  readonly oneWay?: MayBeOneWay<Output, Items, Upload> | undefined
  /** Own error codes in UPPER_SNAKE, each with the schema of its data. */
  readonly errors?: Errors
  /**
   * The procedure may run again when the fate of a call is unknown: a client that connects again makes such a call again by
   * itself. Default false.
   */
  readonly idempotent?: boolean | undefined
  /**
   * With which input a stream is called again, by a client whose session the server has forgotten: behind the last item that
   * came, so that none is lost and none is repeated. It gets the input that the caller gave, and that item. Before the first
   * item the input is used as it is. Only with `input` and `items`, and without `upload`. Without it such a stream fails.
   *
   * ```ts
   * procedure({ input: After, items: Line, resumeFrom: (input, last) => ({ ...input, after: last.id }) })
   * ```
   */
  readonly resumeFrom?: MayResume<Input, Items, Upload> | undefined
  /** One line for people: shown by tools. */
  readonly summary?: string | undefined
}

/** What is a schema is checked by `contract()`, which knows its path. */
const procedureMembers: Members<ProcedureDefinition<unknown, unknown, unknown, unknown, unknown>> = {
  input: undefined,
  output: undefined,
  items: undefined,
  errors: 'record',
  upload: undefined,
  oneWay: 'boolean',
  idempotent: 'boolean',
  resumeFrom: 'function',
  summary: 'string',
}

/**
 * Declares a procedure: with one answer or a stream of items, with one input or items of the caller, too, or without an
 * answer. `contract()` checks it, since it knows its path.
 *
 * ```ts
 * procedure({ input: Join, output: Room, errors: { NAME_TAKEN: Suggestion } })
 * procedure({ input: Where, items: Line })
 * procedure({ input: FileName, upload: bytes(), output: Receipt })
 * ```
 *
 * @throws ProtocolError INVALID_CONTRACT for an unknown member, or one of a wrong kind
 */
export function procedure<
  Input extends GiveAStandardSchema | undefined = undefined,
  Output extends GiveAStandardSchema | undefined = undefined,
  Items extends Output extends GiveAStandardSchema ? undefined : GiveAStandardSchema | undefined = undefined,
  Errors extends Readonly<Record<string, GiveAStandardSchema>> = NoErrors,
  Upload extends GiveAStandardSchema | undefined = undefined,
>(
  // One signature and no overloads: the compiler checks every schema again for each overload that it tries.
  definition: ProcedureDefinition<Input, Output, Items, Errors, Upload>,
): Procedure<{
  input: OptionalSchemaTypes<Input>
  output: OptionalSchemaTypes<Output>
  items: OptionalSchemaTypes<Items>
  errors: { readonly [Code in keyof Errors]: SchemaTypes<Errors[Code]> }
  upload: OptionalSchemaTypes<Upload>
}>
export function procedure(
  given: ProcedureDefinition<
    Schema | undefined,
    Schema | undefined,
    Schema | undefined,
    ErrorSchemas,
    Schema | undefined
  >,
): Procedure {
  const definition = checkedDefinition('procedure', given, procedureMembers)
  return Object.freeze({
    kind: 'procedure',
    input: definition.input,
    output: definition.output,
    items: definition.items,
    errors: Object.freeze({ ...definition.errors }),
    upload: definition.upload,
    oneWay: definition.oneWay ?? false,
    idempotent: definition.idempotent ?? false,
    resumeFrom: definition.resumeFrom,
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
