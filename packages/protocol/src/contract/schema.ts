import type { StandardSchemaV1 } from '@standard-schema/spec'

/** Any schema of a library that speaks Standard Schema (zod, valibot, arktype, …), or {@link bytes}. */
export type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>

/**
 * What `procedure()` and `event()` take for a schema: a schema of zod, valibot, arktype or any library of Standard Schema. The
 * compiler shows this name for anything else. It asks for the member alone. Comparing what that member is made of would
 * resolve every schema of a contract, also those of procedures that a program never uses; `contract()` does it at run time.
 */
export interface GiveAStandardSchema {
  readonly '~standard': unknown
}

/** What the sending side gives: the type before transforms and defaults. `undefined` without a schema. */
export type SentType<S> = S extends Schema ? StandardSchemaV1.InferInput<S> : undefined

/** What the receiving side gets: the type after its own validation, with transforms and defaults applied. */
export type ReceivedType<S> = S extends Schema ? StandardSchemaV1.InferOutput<S> : undefined

/**
 * A schema as far as the compiler needs it: what goes in and what comes out. A contract keeps no more in its types,
 * so that everything derived from it compares small types, and not a library's classes with their hundred methods.
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
 * What goes in and comes out of a schema that has `~standard`, and not as Standard Schema says it. The compiler shows this
 * name to whoever calls such a procedure or handles it; a schema of zod, valibot or any library of Standard Schema is the cure.
 */
interface GiveAVersion1StandardSchema {
  readonly '~advice': never
}

const bytesVendor = 'frameport.bytes'

/** The schema made by {@link bytes}. */
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
 * Marks a body as raw bytes: a `Uint8Array` on both sides, sent as it is and never through the codec (JSON
 * cannot carry bytes). For a whole input, output, item or event payload; not for a member of an object.
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
