import type { StandardJSONSchemaV1 } from '@standard-schema/spec'
import { isPlainObject } from '../checks/is-plain-object.ts'
import { canonicalJson } from './canonical-json.ts'
import type { EventDefinition } from './event.ts'
import type { Procedure } from './procedure.ts'
import { isBytesSchema, type Schema } from './schema.ts'

/** Turns a schema into JSON Schema (of what is sent, before transforms), or `undefined` when it cannot. */
export type JsonSchemaConverter = (schema: Schema) => unknown

/** Parts of a fingerprint, in the order in which they stand in it. */
export type FingerprintPart = 'kind' | 'input' | 'answer' | 'errors'

const partNames: readonly FingerprintPart[] = ['kind', 'input', 'answer', 'errors']

export interface FingerprintOptions {
  /** Stands for what a schema says where its library cannot say it. */
  readonly contractVersion: number
  readonly toJsonSchema?: JsonSchemaConverter | undefined
}

/**
 * The fingerprint of a procedure: `unary-89abcdef-01234567-fedcba98`, the kind of call, then one hash each of
 * what is sent as input, as answer (output or item) and as data of the own errors.
 *
 * It follows the JSON Schema of the sent values, without titles, descriptions and the like, and members in
 * any order. Not seen: refinements and transforms, which JSON Schema cannot say. A schema that gives no JSON
 * Schema counts by its library's name and the version of the contract: raise that version when it changes.
 */
export function fingerprintOf(procedure: Procedure, options: FingerprintOptions): string {
  const describe = (schema: Schema | undefined) => describeSchema(schema, options)
  const errors = Object.entries(procedure.errors).map(([code, schema]) => [code, describe(schema)])
  const answer = procedure.items ?? procedure.output
  return [
    procedure.items === undefined ? 'unary' : 'stream',
    hash(describe(procedure.input)),
    hash(describe(answer)),
    hash(Object.fromEntries(errors)),
  ].join('-')
}

/** The fingerprint of an event: one hash each of its payload and its topic. */
export function eventFingerprintOf(event: EventDefinition, options: FingerprintOptions): string {
  return [event.payload, event.topic].map((schema) => hash(describeSchema(schema, options))).join('-')
}

/** The hash of a whole contract, in 16 hex digits. Members in any order. */
export function contractHash(
  fingerprints: Readonly<Record<string, string>>,
  eventFingerprints: Readonly<Record<string, string>>,
): string {
  return hash(fingerprints) + hash([fingerprints, eventFingerprints])
}

/** In which parts two fingerprints differ: none for the same, all when one has another form. */
export function compareFingerprints(one: string, other: string): readonly FingerprintPart[] {
  if (one === other) return []
  const left = one.split('-')
  const right = other.split('-')
  if (left.length !== partNames.length || right.length !== partNames.length) return partNames
  return partNames.filter((_, index) => left[index] !== right[index])
}

function describeSchema(schema: Schema | undefined, options: FingerprintOptions): unknown {
  if (schema === undefined) return { body: 'none' }
  if (isBytesSchema(schema)) return { body: 'raw' }
  const jsonSchema = expressible(options.toJsonSchema?.(schema) ?? ownJsonSchema(schema))
  if (jsonSchema === undefined) {
    return { body: 'value', vendor: schema['~standard'].vendor, contractVersion: options.contractVersion }
  }
  return { body: 'value', schema: jsonSchema }
}

/** `undefined` for a JSON Schema that is no plain JSON (a bigint as a literal, a function as an extension). */
function expressible(jsonSchema: unknown): unknown {
  if (jsonSchema === undefined) return undefined
  try {
    return JSON.parse(canonicalJson(withoutAnnotations(jsonSchema)))
  } catch {
    return undefined
  }
}

function ownJsonSchema(schema: Schema): unknown {
  const standard: Partial<StandardJSONSchemaV1.Props> = schema['~standard']
  if (standard.jsonSchema === undefined) return undefined
  try {
    // zod throws for a whole object when one member (a Date) cannot be expressed; this lets that one be {}.
    const libraryOptions = { unrepresentable: 'any' }
    return standard.jsonSchema.input({ target: 'draft-2020-12', libraryOptions })
  } catch {
    // The specification lets a library throw for what it cannot express; describeSchema states what counts then.
    return undefined
  }
}

const annotations = new Set(
  '$schema $id $comment title description default examples example deprecated readOnly writeOnly'.split(' '),
)
const keywordsWithNames = new Set(
  'properties patternProperties $defs definitions dependentSchemas'.split(' '),
)
const keywordsWithValues = new Set(['const', 'enum'])
const keywordsWithSets = new Set(['required', 'type', 'enum'])

function withoutAnnotations(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutAnnotations)
  if (!isPlainObject(schema)) return schema
  const kept = Object.entries(schema).filter(([keyword]) => !annotations.has(keyword))
  return Object.fromEntries(kept.map(([keyword, value]) => [keyword, normalise(keyword, value)]))
}

function normalise(keyword: string, value: unknown): unknown {
  if (keywordsWithSets.has(keyword) && Array.isArray(value)) return value.map(canonicalJson).sort()
  if (keywordsWithValues.has(keyword)) return value
  if (keywordsWithNames.has(keyword) && isPlainObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, sub]) => [name, withoutAnnotations(sub)]))
  }
  return withoutAnnotations(value)
}

const utf8 = new TextEncoder()

/** FNV-1a, 32 bits, in eight hex digits: it guards against mistakes, not against somebody who wants a collision. */
function hash(description: unknown): string {
  let state = 0x811c9dc5
  for (const byte of utf8.encode(canonicalJson(description))) {
    state = Math.imul(state ^ byte, 0x01000193)
  }
  return (state >>> 0).toString(16).padStart(8, '0')
}
