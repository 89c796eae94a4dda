import type { CallKind } from '../envelope/call-kind.ts'
import type { EventDefinition } from './event.ts'
import { inOneOrder, type JsonSchemaConverter, jsonSchemaOf } from './json-schema.ts'
import { callKindOf } from './kind-of-call.ts'
import type { Procedure } from './procedure.ts'
import { isBytesSchema, type Schema } from './schema.ts'
import { shortHash } from './short-hash.ts'

/** Parts of a fingerprint, in the order in which they stand in it. */
export type FingerprintPart = 'kind' | 'input' | 'answer' | 'errors'

/** As it stands in a fingerprint, which has no `-` inside its parts. */
const kindNames: Readonly<Record<CallKind, string>> = {
  unary: 'unary',
  'server-stream': 'stream',
  'client-stream': 'upload',
  'both-ways': 'both',
  'one-way': 'oneway',
}

const partNames: readonly FingerprintPart[] = ['kind', 'input', 'answer', 'errors']

export interface FingerprintOptions {
  /** Stands for what a schema says where its library cannot say it. */
  readonly contractVersion: number
  readonly toJsonSchema?: JsonSchemaConverter | undefined
}

/**
 * The fingerprint of a procedure: `unary-89abcdef-01234567-fedcba98`, the kind of call, then one hash each of
 * what is sent as input (with the items of the caller, if there are any), as answer (output or item) and as data of the own errors.
 *
 * It follows the JSON Schema of the sent values, without titles, descriptions and the like, and members in
 * any order. Not seen: refinements and transforms, which JSON Schema cannot say. A schema that gives no JSON
 * Schema counts by its library's name and the version of the contract: raise that version when it changes.
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
 * The fingerprint of an event: `89abcdef-01234567`, one hash each of its payload and its topic, and `-clients` behind them where
 * clients subscribe by themselves. What becomes of it for a slow subscriber (`whenSlow`) concerns the server alone.
 */
export function eventFingerprintOf(event: EventDefinition, options: FingerprintOptions): string {
  const hashes = [event.payload, event.topic].map((schema) => shortHash(describeSchema(schema, options)))
  return [...hashes, ...(event.subscribe === 'clients' ? ['clients'] : [])].join('-')
}

/** The hash of a whole contract, in 16 hex digits. Members in any order. Procedures of clients count where there are some. */
export function contractHash(
  fingerprints: Readonly<Record<string, string>>,
  eventFingerprints: Readonly<Record<string, string>>,
  clientFingerprints: Readonly<Record<string, string>>,
): string {
  const ofClients = Object.keys(clientFingerprints).length === 0 ? [] : [clientFingerprints]
  return shortHash(fingerprints) + shortHash([fingerprints, eventFingerprints, ...ofClients])
}

/** The kind of call of a fingerprint; undefined for one in another form. */
export function kindOfFingerprint(fingerprint: string): CallKind | undefined {
  const parts = fingerprint.split('-')
  if (parts.length !== partNames.length) return undefined
  const found = Object.entries(kindNames).find(([, name]) => name === parts[0])
  return found?.[0] as CallKind | undefined
}

/** In which parts two fingerprints differ: none for the same, all when one has another form. */
export function compareFingerprints(one: string, other: string): readonly FingerprintPart[] {
  if (one === other) return []
  const left = one.split('-')
  const right = other.split('-')
  if (left.length !== partNames.length || right.length !== partNames.length) return partNames
  return partNames.filter((_, index) => left[index] !== right[index])
}

/** What a schema says, for a hash: without a JSON Schema its library's name and the version of the contract. */
export function describeSchema(schema: Schema | undefined, options: FingerprintOptions): unknown {
  if (schema === undefined) return { body: 'none' }
  if (isBytesSchema(schema)) return { body: 'raw' }
  const jsonSchema = jsonSchemaOf(schema, options.toJsonSchema)
  if (jsonSchema === undefined) {
    return { body: 'value', vendor: schema['~standard'].vendor, contractVersion: options.contractVersion }
  }
  return { body: 'value', schema: inOneOrder(jsonSchema) }
}
