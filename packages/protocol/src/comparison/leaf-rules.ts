import { canonicalJson } from '../contract/canonical-json.ts'
import { type Finding, fails } from './finding.ts'
import { type SchemaNode, typeOf, typeOfValue, valuesOf } from './schema-node.ts'

/** Whether values of type `sent` are all of type `received`: an integer is a number. */
export function isOfType(sent: string, received: string): boolean {
  return sent === received || (sent === 'integer' && received === 'number')
}

/** Constants and enumerations; undefined when neither side has any. */
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
  const unknown = sentValues.filter((value) => !isTaken(value, received, receivedValues))
  if (unknown.length === 0) return []
  return [fails(path, `may be ${shown(unknown)}, which is not taken`, unknown.length === sentValues.length)]
}

function isTaken(value: unknown, node: SchemaNode, values: readonly unknown[] | undefined): boolean {
  if (values !== undefined) return values.some((known) => canonicalJson(known) === canonicalJson(value))
  const type = typeOf(node)
  return type === undefined || isOfType(typeOfValue(value), type)
}

const valuesShown = 5

function shown(values: readonly unknown[]): string {
  const texts = values.slice(0, valuesShown).map(canonicalJson)
  return values.length > valuesShown ? `${texts.join(', ')}, …` : texts.join(', ')
}

/** Keywords that bound from below, and from above. */
const lowerBounds = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const
const upperBounds = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const
/** Keywords that have to say the same on both sides, if the receiver has them. */
const exact = ['format', 'pattern', 'multipleOf', 'contentEncoding', 'contentMediaType'] as const

/** What the receiver asks of numbers, texts and lengths, and the sender does not keep to. */
export function compareBounds(sent: SchemaNode, received: SchemaNode, path: readonly string[]): Finding[] {
  const findings: Finding[] = []
  for (const name of lowerBounds)
    if (!isWithin(sent[name], received[name], (own, other) => own >= other))
      findings.push(fails(path, `may be below ${name} ${String(received[name])}`))
  for (const name of upperBounds)
    if (!isWithin(sent[name], received[name], (own, other) => own <= other))
      findings.push(fails(path, `may be above ${name} ${String(received[name])}`))
  // One that differs is enough: a format comes with the pattern that checks it.
  const different = exact.find((name) => received[name] !== undefined && sent[name] !== received[name])
  if (different !== undefined)
    findings.push(fails(path, `need not have the ${different} ${String(received[different])}`))
  if (received.uniqueItems === true && sent.uniqueItems !== true)
    findings.push(fails(path, 'may have an element twice'))
  return findings
}

function isWithin(own: unknown, other: unknown, keeps: (own: number, other: number) => boolean): boolean {
  if (typeof other !== 'number') return true
  return typeof own === 'number' && keeps(own, other)
}
