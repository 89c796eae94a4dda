import type { StandardJSONSchemaV1 } from '@standard-schema/spec'
import { isPlainObject } from '../checks/is-plain-object.ts'
import { canonicalJson } from './canonical-json.ts'
import type { Schema } from './schema.ts'

/**
 * Converts a schema to the JSON Schema of its input, before transforms. Returns undefined for a schema that it cannot
 * convert.
 */
export type JsonSchemaConverter = (schema: Schema) => unknown

/** The nesting levels reserved for callers that hash a schema with data around it. */
const levelsKept = 4

/**
 * Returns the JSON Schema of the input of a schema, without titles, descriptions and the like; undefined if its library
 * cannot provide it, or provides values that are not plain JSON (a bigint as a literal, a function as an extension).
 */
export function jsonSchemaOf(schema: Schema, toJsonSchema: JsonSchemaConverter | undefined): unknown {
  const jsonSchema = toJsonSchema?.(schema) ?? ownJsonSchema(schema)
  if (jsonSchema === undefined) return undefined
  try {
    return JSON.parse(
      canonicalJson(
        mapped(jsonSchema, (list) => list),
        levelsKept,
      ),
    )
  } catch {
    return undefined
  }
}

/** Sorts the lists whose order has no meaning, so that equal schemas have equal `canonicalJson`. */
export function inOneOrder(jsonSchema: unknown): unknown {
  return mapped(jsonSchema, (list) => list.map((value) => canonicalJson(value)).sort())
}

function ownJsonSchema(schema: Schema): unknown {
  const standard: Partial<StandardJSONSchemaV1.Props> = schema['~standard']
  if (standard.jsonSchema === undefined) return undefined
  try {
    // zod throws for a whole object when one member (a Date) cannot be expressed; this lets that one be {}.
    const libraryOptions = { unrepresentable: 'any' }
    return standard.jsonSchema.input({ target: 'draft-2020-12', libraryOptions })
  } catch {
    // The specification lets a library throw for a schema that it cannot express; the callers decide what applies then.
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

type MapSet = (list: readonly unknown[]) => unknown

/** Returns a copy without annotations. @param mapSet converts lists whose order has no meaning */
function mapped(schema: unknown, mapSet: MapSet): unknown {
  if (Array.isArray(schema)) return schema.map((one) => mapped(one, mapSet))
  if (!isPlainObject(schema)) return schema
  const kept = Object.entries(schema).filter(([keyword]) => !annotations.has(keyword))
  return Object.fromEntries(kept.map(([keyword, value]) => [keyword, mappedKeyword(keyword, value, mapSet)]))
}

function mappedKeyword(keyword: string, value: unknown, mapSet: MapSet): unknown {
  if (keywordsWithSets.has(keyword) && Array.isArray(value)) return mapSet(value)
  if (keywordsWithValues.has(keyword)) return value
  if (keywordsWithNames.has(keyword) && isPlainObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, sub]) => [name, mapped(sub, mapSet)]))
  }
  return mapped(value, mapSet)
}
