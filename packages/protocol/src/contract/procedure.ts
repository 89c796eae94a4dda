import { checkedDefinition, type Members } from './check-definition.ts'
import type {
  GiveAStandardSchema,
  OptionalSchemaTypes,
  ReceivedType,
  Schema,
  SchemaTypes,
  SentType,
} from './schema.ts'

/** The error codes of a procedure (UPPER_SNAKE), each with the schema of its data. */
export interface ErrorSchemas {
  readonly [code: string]: Schema
}

/** The errors of a procedure that declares none. */
export type NoErrors = Record<never, never>

/** The types of the schemas of a procedure. `undefined` stands for a schema that it does not have. */
export interface ProcedureTypes {
  /** The schema of the input. */
  readonly input: Schema | undefined
  /** The schema of the answer. */
  readonly output: Schema | undefined
  /** The schema of one item that the callee sends. */
  readonly items: Schema | undefined
  /** The schemas of the data of its error codes. */
  readonly errors: ErrorSchemas
  /** The schema of one item that the caller sends. */
  readonly upload: Schema | undefined
}

/**
 * One procedure of a contract. Made by {@link procedure}; immutable.
 *
 * Its members are the schemas themselves, so that they can be used elsewhere (`chat.procedures.join.input`). Their
 * types are members of one type, because the compiler resolves the members of an object type only when they are used,
 * but type arguments at once.
 */
export interface Procedure<out Types extends ProcedureTypes = ProcedureTypes> {
  readonly kind: 'procedure'
  /** The schema of the input; undefined if the procedure takes none. */
  readonly input: Types['input']
  /** The schema of the answer; undefined if there is none, or for a stream. */
  readonly output: Types['output']
  /** The schema of one item that the callee sends; undefined if the procedure is not a stream. */
  readonly items: Types['items']
  /** The schemas of the data of its own error codes, by code. */
  readonly errors: Types['errors']
  /** The schema of one item that the caller sends; undefined if the caller sends none. */
  readonly upload: Types['upload']
  /** Whether its calls get no answer. */
  readonly oneWay: boolean
  /** Whether a call may be repeated when it is unknown whether it ran. */
  readonly idempotent: boolean
  /**
   * See {@link ProcedureDefinition.resumeFrom}. Only the caller uses it: it is not sent, and no fingerprint contains
   * it.
   */
  readonly resumeFrom: ResumeFrom | undefined
  /** One line for people; undefined if there is none. */
  readonly summary: string | undefined
}

/** The type in a procedure, without the types of its input and its items. */
type ResumeFrom = (input: never, lastItem: never) => unknown

/**
 * Distinguishes a procedure from a group. Groups require no more than this: comparing every schema with `Schema` would
 * be slow, and `procedure({})` would take its type parameters from the group.
 */
export interface ProcedureMark {
  readonly kind: 'procedure'
}

/** Procedures and further groups by name. */
export interface ProcedureGroup {
  readonly [name: string]: ProcedureMark | ProcedureGroup
}

/** A call without an answer has no output, and no items in either direction. */
type MayBeOneWay<Output, Items, Upload> = [Output, Items, Upload] extends [undefined, undefined, undefined]
  ? boolean
  : false

/** A stream continues from an item through its input, and the items of its caller cannot be sent again. */
type MayResume<Input, Items, Upload> = [Upload] extends [undefined]
  ? Input extends GiveAStandardSchema
    ? Items extends GiveAStandardSchema
      ? ResumeFromItem<SentType<SchemaTypes<Input>>, ReceivedType<SchemaTypes<Items>>>
      : never
    : never
  : never

type ResumeFromItem<Sent, Item> = (input: Sent, lastItem: Item) => Sent

/** The argument of {@link procedure}. */
export interface ProcedureDefinition<Input, Output, Items, Errors, Upload> {
  /** The schema of the argument. Default: the procedure takes no argument. */
  readonly input?: Input
  /** The schema of the answer. Default: the answer is `void`. Not together with `items`. */
  readonly output?: Output
  /** The schema of one item that the callee sends: the procedure is a server stream. Not together with `output`. */
  readonly items?: Items
  /**
   * The schema of one item that the caller sends: the procedure is a client stream, or goes both ways if it has
   * `items`, too. Use `bytes()` for raw bytes such as a file.
   */
  readonly upload?: Upload
  /**
   * Whether calls get no answer. Such a call settles when it was handed to the connection, and no failure of the
   * handler reaches the caller. Not together with `output`, `items`, `upload`, `errors` or `idempotent`. Default:
   * false.
   */
  readonly oneWay?: MayBeOneWay<Output, Items, Upload> | undefined
  /**
   * The error codes of the procedure in UPPER_SNAKE, each with the schema of its data. The standard codes are not
   * declared. Default: none.
   */
  readonly errors?: Errors
  /**
   * Whether the procedure may run again when it is unknown whether a call ran. A client that reconnects then repeats
   * such a call by itself. Default: false.
   */
  readonly idempotent?: boolean | undefined
  /**
   * Returns the input with which a stream continues after an item, when the server has forgotten the session of the
   * client. It gets the input of the caller and the last item that arrived, so that no item is lost or repeated. If
   * no item has arrived yet, the stream is called with the input of the caller. Needs `input` and `items`; not
   * together with `upload`. Default: such a stream fails.
   *
   * @example
   * procedure({ input: After, items: Line, resumeFrom: (input, last) => ({ ...input, after: last.id }) })
   */
  readonly resumeFrom?: MayResume<Input, Items, Upload> | undefined
  /** One line for people, which tools show. */
  readonly summary?: string | undefined
}

/** `contract()` checks the schemas, because it knows their paths. */
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
 * Declares a procedure. Its members decide the kind of call: one answer (`output`), a stream of items (`items`),
 * items of the caller (`upload`), or no answer (`oneWay`). `contract()` checks that they go together, because it
 * knows the name of the procedure.
 *
 * @example
 * procedure({ input: Join, output: Room, errors: { NAME_TAKEN: Suggestion } })
 * procedure({ input: Where, items: Line })
 * procedure({ input: FileName, upload: bytes(), output: Receipt })
 * @throws ProtocolError INVALID_CONTRACT for an unknown member or one of the wrong type
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

/**
 * The type of the argument that a client passes to procedure `P`; `undefined` without an input.
 *
 * @example
 * type Join = InputOf<typeof chat.procedures.join>
 */
export type InputOf<P extends Procedure> = SentType<P['input']>

/** The type of the answer of procedure `P` at the client; `void` without an output. */
// biome-ignore lint/suspicious/noConfusingVoidType: it is what a call resolves to, as in Promise<void>.
export type OutputOf<P extends Procedure> = P['output'] extends Schema ? ReceivedType<P['output']> : void

/** The type of one item of stream `P` at the client. */
export type ItemOf<P extends Procedure> = P['items'] extends Schema ? ReceivedType<P['items']> : never
