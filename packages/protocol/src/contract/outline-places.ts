import { isPlainObject } from '../checks/is-plain-object.ts'
import { canonicalJson } from './canonical-json.ts'
import { contractLimits } from './contract-limits.ts'
import { inOneOrder } from './json-schema.ts'
import { eachLevel, elementLevel, memberLevel } from './place-levels.ts'
import { nodeOf, resolved, type SchemaNode } from './schema-node.ts'
import { shortHash } from './short-hash.ts'

/**
 * The hash of each place of one part of a procedure or an event, by `input.address.street`. After a place, `?` means
 * that it is optional, `!` that unlisted members are refused there, `*` that its hash covers all places below it, which
 * are then not listed. They appear in this order.
 */
export type OutlinePlaces = readonly (readonly [place: string, hash: string])[]

/**
 * Returns the places of a part, higher ones first; undefined if there are more than `placesMax`, or more than an
 * outline of one part lists.
 *
 * @param jsonSchema of the part, as `jsonSchemaOf` returns it
 */
export function placesOf(part: string, jsonSchema: unknown, placesMax: number): OutlinePlaces | undefined {
  const walk = new Walk(nodeOf(jsonSchema), Math.min(placesMax, contractLimits.outlinePlacesMax))
  return walk.add(jsonSchema, part, '', 0) ? walk.places : undefined
}

class Walk {
  readonly places: [string, string][] = []
  readonly #root: SchemaNode
  readonly #placesMax: number
  /** The nodes above the current one: a recursive schema ends where one of them appears again. */
  readonly #open = new Set<SchemaNode>()

  constructor(root: SchemaNode, placesMax: number) {
    this.#root = root
    this.#placesMax = placesMax
  }

  /** @returns false when there are too many */
  add(schema: unknown, place: string, suffix: '' | '?', depth: number): boolean {
    if (this.places.length >= this.#placesMax) return false
    const { node, isNullable } = this.#withoutNull(resolved(schema, this.#root))
    if (this.#open.has(node)) return this.#put(place + suffix, { repeats: true, isNullable })
    const { own, children } = split(node)
    const below = children.map(({ level, ...rest }) => ({ ...rest, place: `${place}.${level}` }))
    const isLeaf =
      depth >= contractLimits.outlineDepthMax ||
      below.some((child) => child.place.length > contractLimits.outlinePlaceLengthMax)
    if (isLeaf && below.length > 0) return this.#put(`${place}${suffix}*`, { node, isNullable })
    const refuses = own.additionalProperties === false ? '!' : ''
    this.#put(place + suffix + refuses, { node: own, isNullable })
    this.#open.add(node)
    const all = below.every((child) =>
      this.add(child.schema, child.place, child.isOptional ? '?' : '', depth + 1),
    )
    this.#open.delete(node)
    return all
  }

  /** Returns the X of `X | null`. */
  #withoutNull(node: SchemaNode): { readonly node: SchemaNode; readonly isNullable: boolean } {
    const { anyOf, ...rest } = node
    if (!Array.isArray(anyOf) || anyOf.length !== 2 || Object.keys(rest).length > 0)
      return { node, isNullable: false }
    const [one, ...others] = anyOf.filter((branch) => !isPlainObject(branch) || branch.type !== 'null')
    if (one === undefined || others.length > 0) return { node, isNullable: false }
    return { node: resolved(one, this.#root), isNullable: true }
  }

  #put(
    place: string,
    said: { readonly node?: SchemaNode; readonly repeats?: true; readonly isNullable: boolean },
  ): true {
    const plain = inOneOrder(said)
    // The target of a reference counts as well if it is not followed.
    const { $defs, definitions } = this.#root
    const refers = said.node !== undefined && canonicalJson(said.node).includes('"$ref"')
    this.places.push([place, shortHash(refers ? { plain, defs: inOneOrder({ $defs, definitions }) } : plain)])
    return true
  }
}

interface Child {
  /**
   * The name of a member, `[]` for each element of an array or each member of a record, `[0]` for the first of a tuple.
   */
  readonly level: string
  readonly schema: unknown
  readonly isOptional: boolean
}

/** Splits a node into itself and the nodes below it. */
function split(node: SchemaNode): { readonly own: SchemaNode; readonly children: readonly Child[] } {
  const { properties, required, additionalProperties, items, prefixItems, $defs, definitions, ...rest } = node
  const children: Child[] = []
  const isRequired = new Set(Array.isArray(required) ? required : [])
  for (const [name, schema] of Object.entries(nodeOf(properties ?? {})))
    children.push({ level: memberLevel(name), schema, isOptional: !isRequired.has(name) })
  const further = { additionalProperties, items }
  const own: Record<string, unknown> = { ...rest }
  for (const [keyword, schema] of Object.entries(further)) {
    if (isPlainObject(schema)) children.push({ level: eachLevel, schema, isOptional: false })
    else if (schema !== undefined) own[keyword] = schema
  }
  if (Array.isArray(prefixItems)) {
    own.prefixItems = prefixItems.length
    for (const [index, schema] of prefixItems.entries())
      children.push({ level: elementLevel(index), schema, isOptional: false })
  }
  return { own, children }
}
