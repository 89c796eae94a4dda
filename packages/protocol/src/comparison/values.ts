import { canonicalJson } from '../contract/canonical-json.ts'
import { isOfType, type SchemaNode, typeOf, typeOfValue, valuesOf } from '../contract/schema-node.ts'
import { compareBounds } from './bounds.ts'
import { type Finding, fails, unclear } from './finding.ts'

/** Compares constants and enumerations; undefined if neither side has any. */
export function compareValues(
  sent: SchemaNode,
  received: SchemaNode,
  path: readonly string[],
): readonly Finding[] | undefined {
  const sentValues = valuesOf(sent)
  const receivedValues = valuesOf(received)
  if (sentValues === undefined)
    return receivedValues === undefined
      ? undefined
      : [fails(path, `may be another value than ${shown(receivedValues)}, which are all that is taken`)]
  const verdicts = sentValues.map((value) => [value, isTaken(value, received, receivedValues)] as const)
  const refused = verdicts.filter(([, taken]) => taken === false).map(([value]) => value)
  if (refused.length > 0)
    return [fails(path, `may be ${shown(refused)}, which is not taken`, refused.length === sentValues.length)]
  return verdicts.some(([, taken]) => taken === undefined) ? [unclear(path)] : []
}

/** Returns undefined if the supported keywords do not decide it. */
function isTaken(
  value: unknown,
  node: SchemaNode,
  values: readonly unknown[] | undefined,
): boolean | undefined {
  if (values !== undefined) return values.some((known) => canonicalJson(known) === canonicalJson(value))
  const type = typeOf(node)
  if (type !== undefined && !isOfType(typeOfValue(value), type)) return false
  if (typeof value === 'object' && value !== null) return type === undefined ? undefined : isTakenWhole(node)
  if (typeof value !== 'string') return compareBounds(asNode(value), node, []).length === 0
  const { pattern, format, ...bounds } = node
  if (compareBounds(asNode(value), bounds, []).length > 0) return false
  if (pattern === undefined && format === undefined) return true
  return pattern === undefined ? undefined : matches(value, pattern)
}

/** Decides about a constant array or object by its type alone. */
function isTakenWhole(node: SchemaNode): true | undefined {
  return Object.keys(node).length === 1 ? true : undefined
}

/** Returns the schema of exactly this value, for the comparison of bounds. */
function asNode(value: unknown): SchemaNode {
  if (typeof value === 'number')
    return {
      type: typeOfValue(value),
      minimum: value,
      maximum: value,
      multipleOf: value === 0 ? undefined : value,
    }
  return typeof value === 'string' ? { minLength: value.length, maxLength: value.length } : {}
}

function matches(value: string, pattern: unknown): boolean | undefined {
  try {
    return new RegExp(String(pattern), 'u').test(value)
  } catch {
    return undefined
  }
}

const valuesShown = 5

function shown(values: readonly unknown[]): string {
  const texts = values.slice(0, valuesShown).map((value) => canonicalJson(value))
  return values.length > valuesShown ? `${texts.join(', ')}, …` : texts.join(', ')
}
