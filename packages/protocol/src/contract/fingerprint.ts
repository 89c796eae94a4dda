import type { CallKind } from '../envelope/call-kind.ts'
import type { EventDefinition } from './event.ts'
import { inOneOrder, type JsonSchemaConverter, jsonSchemaOf } from './json-schema.ts'
import { callKindOf } from './kind-of-call.ts'
import type { Procedure } from './procedure.ts'
import { isBytesSchema, type Schema } from './schema.ts'
import { shortHash } from './short-hash.ts'

/** The parts of a fingerprint, in their order. */
export type FingerprintPart = 'kind' | 'input' | 'answer' | 'errors'

/** The names in a fingerprint, whose parts contain no `-`. */
const kindNames: Readonly<Record<CallKind, string>> = {
  unary: 'unary',
  'server-stream': 'stream',
  'client-stream': 'upload',
  'both-ways': 'both',
  'one-way': 'oneway',
}

const partNames: readonly FingerprintPart[] = ['kind', 'input', 'answer', 'errors']

/** Options of {@link fingerprintOf}. */
export interface FingerprintOptions {
  /** The version of the contract. It replaces a schema that has no JSON Schema. */
  readonly contractVersion: number
  /** Converts schemas whose library does not provide JSON Schema. */
  readonly toJsonSchema?: JsonSchemaConverter | undefined
}

/**
 * Returns the fingerprint of a procedure, such as `unary-89abcdef-01234567-fedcba98`: the kind of call, then a hash
 * each of the input (with the items of the caller), of the answer (output or item) and of the data of its own errors.
 *
 * It follows the JSON Schema of the values that are sent, without titles and descriptions, and independent of the
 * order of members. It does not contain refinements and transforms, which JSON Schema cannot express. A schema
 * without a JSON Schema counts by the name of its library and the version of the contract.
 */
export function fingerprintOf(procedure: Procedure, options: FingerprintOptions): string {
  const describe = (schema: Schema | undefined) => describeSchema(schema, options)
  const errors = Object.entries(procedure.errors).map(([code, schema]) => [code, describe(schema)])
  const answer = procedure.items ?? procedure.output
  const input = describe(procedure.input)
  return [
    kindNames[callKindOf(procedure)],
    shortHash(procedure.upload === undefined ? input : [input, describe(procedure.upload)]),
    shortHash(describe(answer)),
    shortHash(Object.fromEntries(errors)),
  ].join('-')
}

/**
 * Returns the fingerprint of an event: `89abcdef-01234567`, one hash each of its payload and its topic, followed by
 * `-clients` if clients subscribe themselves. Its handling for a slow subscriber (`whenSlow`) concerns only the server.
 */
export function eventFingerprintOf(event: EventDefinition, options: FingerprintOptions): string {
  const hashes = [event.payload, event.topic].map((schema) => shortHash(describeSchema(schema, options)))
  return [...hashes, ...(event.subscribe === 'clients' ? ['clients'] : [])].join('-')
}

/**
 * The hash of a whole contract, in 16 hex digits. Members in any order. Procedures of clients count where there are
 * some.
 */
export function contractHash(
  fingerprints: Readonly<Record<string, string>>,
  eventFingerprints: Readonly<Record<string, string>>,
  clientFingerprints: Readonly<Record<string, string>>,
): string {
  const ofClients = Object.keys(clientFingerprints).length === 0 ? [] : [clientFingerprints]
  return shortHash(fingerprints) + shortHash([fingerprints, eventFingerprints, ...ofClients])
}

/** Returns the kind of call in a fingerprint; undefined for a text in another form. */
export function kindOfFingerprint(fingerprint: string): CallKind | undefined {
  const parts = fingerprint.split('-')
  if (parts.length !== partNames.length) return undefined
  const found = Object.entries(kindNames).find(([, name]) => name === parts[0])
  return found?.[0] as CallKind | undefined
}

/**
 * Returns the parts in which two fingerprints of a procedure differ: none if they are equal, all if one has another
 * form.
 */
export function compareFingerprints(one: string, other: string): readonly FingerprintPart[] {
  if (one === other) return []
  const left = one.split('-')
  const right = other.split('-')
  if (left.length !== partNames.length || right.length !== partNames.length) return partNames
  return partNames.filter((_, index) => left[index] !== right[index])
}

/** Describes a schema for a hash: without a JSON Schema, by its library's name and the version of the contract. */
export function describeSchema(schema: Schema | undefined, options: FingerprintOptions): unknown {
  if (schema === undefined) return { body: 'none' }
  if (isBytesSchema(schema)) return { body: 'raw' }
  const jsonSchema = jsonSchemaOf(schema, options.toJsonSchema)
  if (jsonSchema === undefined) {
    return { body: 'value', vendor: schema['~standard'].vendor, contractVersion: options.contractVersion }
  }
  return { body: 'value', schema: inOneOrder(jsonSchema) }
}
