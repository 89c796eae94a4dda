import { isPlainObject } from '../checks/is-plain-object.ts'

/** One place of a JSON Schema (draft 2020-12, core and validation vocabularies). */
export type SchemaNode = Readonly<Record<string, unknown>>

/** Accepts every value. */
export const anything: SchemaNode = Object.freeze({})

/** Accepts no value. */
export const nothing: SchemaNode = Object.freeze({ not: anything })

/** Any JSON Schema as a node. `true` accepts everything; `false`, and a value that is not a schema, nothing. */
export function nodeOf(schema: unknown): SchemaNode {
  if (schema === true) return anything
  return isPlainObject(schema) ? schema : nothing
}

export function takesAnything(node: SchemaNode): boolean {
  return Object.keys(node).length === 0
}

export function takesNothing({ not }: SchemaNode): boolean {
  return isPlainObject(not) && takesAnything(not)
}

const refsMax = 32

/** Follows a `$ref` within its own document. */
export function resolved(schema: unknown, root: SchemaNode): SchemaNode {
  let node = nodeOf(schema)
  for (let refs = 0; typeof node.$ref === 'string' && refs < refsMax; refs++) node = targetOf(node.$ref, root)
  return node
}

function targetOf(ref: string, root: SchemaNode): SchemaNode {
  let found: unknown = root
  for (const part of ref.replace(/^#\/?/, '').split('/')) {
    if (part === '') continue
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    found = isPlainObject(found) ? found[name] : undefined
  }
  return nodeOf(found ?? anything)
}

/** The schemas of which a value matches at least one: the branches of a union, or one for each of several types. */
export function alternatives(node: SchemaNode, root: SchemaNode): readonly SchemaNode[] {
  const { anyOf, oneOf, ...rest } = node
  const branches = anyOf ?? oneOf
  if (Array.isArray(branches))
    return branches.flatMap((branch) => alternatives({ ...rest, ...resolved(branch, root) }, root))
  if (!Array.isArray(node.type)) return [node]
  return node.type.map((type) => ({ ...node, type }))
}

/**
 * Splits one alternative of a sender if different alternatives of the receiver may accept its values: `boolean` into
 * `true` and `false`, an enumeration into its values.
 */
export function splitFor(received: SchemaNode, sent: SchemaNode): readonly SchemaNode[] {
  const isUnion = 'anyOf' in received || 'oneOf' in received
  if (typeOf(sent) === 'boolean' && valuesOf(sent) === undefined)
    return isUnion || valuesOf(received) !== undefined
      ? [true, false].map((value) => ({ ...sent, const: value }))
      : [sent]
  const { enum: values, ...rest } = sent
  return isUnion && Array.isArray(values) ? values.map((value) => ({ ...rest, const: value })) : [sent]
}

/** The only values that a schema accepts; undefined if it accepts others. */
export function valuesOf(node: SchemaNode): readonly unknown[] | undefined {
  if (Object.hasOwn(node, 'const')) return [node.const]
  return Array.isArray(node.enum) ? node.enum : undefined
}

/** `string`, `null`, `integer`, …; undefined if a value may be of any type. */
export function typeOf(node: SchemaNode): string | undefined {
  return typeof node.type === 'string' ? node.type : undefined
}

/** Whether values of type `sent` are all of type `received`: an integer is a number. */
export function isOfType(sent: string, received: string): boolean {
  return sent === received || (sent === 'integer' && received === 'number')
}

/** The type of a value, as JSON Schema names it. */
export function typeOfValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}
