import { type SchemaNode, typeOf } from '../contract/schema-node.ts'
import { type Finding, fails } from './finding.ts'

/** Keywords for minimum and maximum lengths and counts. */
const leasts = ['minLength', 'minItems', 'minProperties'] as const
const mosts = ['maxLength', 'maxItems', 'maxProperties'] as const
/** Keywords that must be equal on both sides, if the receiver has them. */
const exact = ['format', 'pattern', 'contentEncoding', 'contentMediaType'] as const

/** Returns the bounds of numbers, texts and lengths of the receiver that the sender may violate. */
export function compareBounds(sent: SchemaNode, received: SchemaNode, path: readonly string[]): Finding[] {
  const findings = compareNumbers(sent, received, path)
  for (const name of leasts)
    if (isNumber(received[name]) && !(isNumber(sent[name]) && sent[name] >= received[name]))
      findings.push(fails(path, `may be below ${name} ${received[name]}`))
  for (const name of mosts)
    if (isNumber(received[name]) && !(isNumber(sent[name]) && sent[name] <= received[name]))
      findings.push(fails(path, `may be above ${name} ${received[name]}`))
  // One that differs is enough: a format comes with the pattern that checks it.
  const different = exact.find((name) => received[name] !== undefined && sent[name] !== received[name])
  if (different !== undefined)
    findings.push(...withoutRule(sent, different, String(received[different]), path))
  if (received.uniqueItems === true && sent.uniqueItems !== true)
    findings.push(fails(path, 'may have an element twice'))
  return findings
}

/** It cannot be decided here whether one pattern accepts everything that another accepts. */
function withoutRule(sent: SchemaNode, rule: string, asked: string, path: readonly string[]): Finding[] {
  if (exact.every((name) => sent[name] === undefined))
    return [fails(path, `need not have the ${rule} ${asked}`)]
  return [{ path, outcome: 'unknown', text: `has another ${rule} than ${asked}, which is asked for` }]
}

function compareNumbers(sent: SchemaNode, received: SchemaNode, path: readonly string[]): Finding[] {
  const findings: Finding[] = []
  const [own, other] = [edgesOf(sent), edgesOf(received)]
  for (const [side, text] of [
    ['least', 'below'],
    ['most', 'above'],
  ] as const) {
    const asked = other[side]
    if (asked !== undefined && !isInside(own[side], asked, side))
      findings.push(fails(path, `may be ${text} ${asked.keyword} ${asked.at}`))
  }
  const { multipleOf } = received
  if (isNumber(multipleOf) && !isMultiple(sent, multipleOf))
    findings.push(fails(path, `need not be a multiple of ${multipleOf}`))
  return findings
}

interface Edge {
  readonly at: number
  /** Whether the edge itself is excluded. */
  readonly isOpen: boolean
  readonly keyword: string
}

/** The lower and upper bound of a number; the stricter keyword if there are both. */
function edgesOf(node: SchemaNode): { readonly least: Edge | undefined; readonly most: Edge | undefined } {
  const edge = (keyword: string): Edge[] => {
    const at = node[keyword]
    return isNumber(at) ? [{ at, isOpen: keyword.startsWith('exclusive'), keyword }] : []
  }
  const strictest = (edges: Edge[], sign: number) =>
    edges
      .map((one) => wholeEdge(one, node, sign))
      .sort((a, b) => sign * (b.at - a.at) || Number(b.isOpen) - Number(a.isOpen))[0]
  return {
    least: strictest([...edge('minimum'), ...edge('exclusiveMinimum')], 1),
    most: strictest([...edge('maximum'), ...edge('exclusiveMaximum')], -1),
  }
}

/** For integers, replaces an exclusive bound by the next integer inside of it. */
function wholeEdge(edge: Edge, node: SchemaNode, sign: number): Edge {
  if (typeOf(node) !== 'integer' || !edge.isOpen) return edge
  return { ...edge, at: sign > 0 ? Math.floor(edge.at) + 1 : Math.ceil(edge.at) - 1, isOpen: false }
}

function isInside(own: Edge | undefined, asked: Edge, side: 'least' | 'most'): boolean {
  if (own === undefined) return false
  const further = side === 'least' ? own.at - asked.at : asked.at - own.at
  return further > 0 || (further === 0 && (own.isOpen || !asked.isOpen))
}

function isMultiple(sent: SchemaNode, of: number): boolean {
  if (isNumber(sent.multipleOf)) return Number.isInteger(sent.multipleOf / of)
  return of === 1 && typeOf(sent) === 'integer'
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}
