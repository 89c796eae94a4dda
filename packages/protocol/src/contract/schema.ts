import type { StandardSchemaV1 } from '@standard-schema/spec'

/** A schema of any library that implements Standard Schema 1 (zod, valibot, arktype, …), or {@link bytes}. */
export type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>

/**
 * The parameter type of `procedure()` and `event()` for a schema: one of zod, valibot, arktype or any other library
 * that implements Standard Schema. The compiler shows this name for anything else. It asks for one member only:
 * comparing the type of that member would resolve every schema of a contract, also those of procedures that a program
 * never uses. `contract()` checks it at run time.
 */
export interface GiveAStandardSchema {
  /** The properties of Standard Schema. */
  readonly '~standard': unknown
}

/** The type that the sender gives, before transforms and defaults; `undefined` without a schema. */
export type SentType<S> = S extends Schema ? StandardSchemaV1.InferInput<S> : undefined

/**
 * The type that the receiver gets after validation, with transforms and defaults applied; `undefined` without a
 * schema.
 */
export type ReceivedType<S> = S extends Schema ? StandardSchemaV1.InferOutput<S> : undefined

/**
 * The input and output types of a schema. A contract keeps no more of it in its types, so that the compiler compares
 * small types instead of the classes of a library.
 */
export type SchemaTypes<S extends GiveAStandardSchema> = S extends BytesSchema
  ? BytesSchema
  : S extends Schema
    ? Schema<StandardSchemaV1.InferInput<S>, StandardSchemaV1.InferOutput<S>>
    : Schema<GiveAVersion1StandardSchema, GiveAVersion1StandardSchema>

/** {@link SchemaTypes} of a schema that may be left out. */
export type OptionalSchemaTypes<S extends GiveAStandardSchema | undefined> = S extends GiveAStandardSchema
  ? SchemaTypes<S>
  : undefined

/**
 * The input and output of a schema whose `~standard` does not follow Standard Schema. The compiler shows this name to
 * callers and handlers of the procedure: use a schema of zod, valibot or another library that implements Standard
 * Schema.
 */
interface GiveAVersion1StandardSchema {
  readonly '~advice': never
}

const bytesVendor = 'frameport.bytes'

/** The schema that {@link bytes} returns. */
export interface BytesSchema extends StandardSchemaV1<Uint8Array, Uint8Array> {
  readonly kind: 'bytes'
}

const bytesSchema: BytesSchema = {
  kind: 'bytes',
  '~standard': {
    version: 1,
    vendor: bytesVendor,
    validate: (value) =>
      isUint8Array(value)
        ? { value }
        : { issues: [{ message: `expected a Uint8Array, got ${describeType(value)}` }] },
  },
}

/**
 * Declares a body as raw bytes: a `Uint8Array` on both sides, which is sent as it is and not as JSON. It can stand
 * for a whole input, output, item or event payload, and not for a member of an object.
 *
 * @example
 * procedure({ input: FileName, upload: bytes() })
 */
export function bytes(): BytesSchema {
  return bytesSchema
}

/** True for the schema of {@link bytes}, of any copy of this package. */
export function isBytesSchema(schema: Schema): schema is BytesSchema {
  return schema['~standard'].vendor === bytesVendor
}

/** True for anything that carries a Standard Schema of version 1 (arktype's schemas are functions). */
export function isSchema(value: unknown): value is Schema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const standard = (value as { readonly '~standard'?: unknown })['~standard']
  if (typeof standard !== 'object' || standard === null) return false
  const { version, validate } = standard as { readonly version?: unknown; readonly validate?: unknown }
  return version === 1 && typeof validate === 'function'
}

function isUint8Array(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]'
}

function describeType(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : typeof value
}
