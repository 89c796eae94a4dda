import { canonicalJson } from '../contract/canonical-json.ts'
import { eachLevel, elementLevel, memberLevel } from '../contract/place-levels.ts'
import {
  alternatives,
  anything,
  isOfType,
  nodeOf,
  nothing,
  resolved,
  type SchemaNode,
  splitFor,
  takesAnything,
  takesNothing,
  typeOf,
} from '../contract/schema-node.ts'
import { compareBounds } from './bounds.ts'
import { type Finding, fails, severityOf, unclear } from './finding.ts'
import { compareValues } from './values.ts'

type Path = readonly string[]

/** Keywords that are not interpreted: schemas with them are equal, or the result is unknown. */
const notFollowed = [
  'allOf',
  'not',
  'if',
  'contains',
  'patternProperties',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedItems',
  'unevaluatedProperties',
]

/**
 * Returns the effect of receiving values of `sent` by the schema `received`. Empty if every value is accepted
 * completely. Supports a subset of JSON Schema draft 2020-12; the rest results in `unknown`, unless both sides are
 * equal.
 */
export function compareSchemas(sent: unknown, received: unknown): readonly Finding[] {
  return new Comparison(nodeOf(sent), nodeOf(received)).findings()
}

class Comparison {
  readonly #sentRoot: SchemaNode
  readonly #receivedRoot: SchemaNode
  /** Pairs that are being compared. A recursive schema reaches the same pair again, which adds no finding. */
  readonly #open = new Map<SchemaNode, Set<SchemaNode>>()

  constructor(sent: SchemaNode, received: SchemaNode) {
    this.#sentRoot = sent
    this.#receivedRoot = received
  }

  findings(): readonly Finding[] {
    return this.#compare(this.#sentRoot, this.#receivedRoot, [])
  }

  #compare(sentSchema: unknown, receivedSchema: unknown, path: Path): readonly Finding[] {
    const sent = resolved(sentSchema, this.#sentRoot)
    const received = resolved(receivedSchema, this.#receivedRoot)
    if (takesAnything(received) || takesNothing(sent)) return []
    if (takesNothing(received)) return [fails(path, 'is not taken')]
    const open = this.#open.get(sent) ?? new Set()
    if (open.has(received)) return []
    this.#open.set(sent, open.add(received))
    const branches = alternatives(sent, this.#sentRoot).flatMap((one) => splitFor(received, one))
    const findings = branches.flatMap((one) => this.#among(one, received, path))
    open.delete(received)
    return withoutRepeats(branches.length === 1 ? findings : findings.map(notForAll))
  }

  /**
   * Compares one alternative of the sender. The first alternative of the receiver that accepts all of it counts,
   * otherwise the best one. Earlier ones may accept some of its values, and drop unknown members.
   */
  #among(sent: SchemaNode, received: SchemaNode, path: Path): readonly Finding[] {
    const found = alternatives(received, this.#receivedRoot).map((one) => this.#one(sent, one, path))
    const [first = [], ...others] = found
    // Exactly one alternative of `oneOf` may accept a value: if another also accepts some of the values, they are
    // refused.
    const overlap = found.filter((findings) => !findings.some(({ isForAll }) => isForAll))
    if ('oneOf' in received && overlap.length > 1) return [unclear(path)]
    let [best, losses] = [first, lossesOf(first)]
    for (const next of others) {
      if (isTaken(best)) break
      if (isBetter(next, best)) best = next
      losses = [...losses, ...lossesOf(next)]
    }
    return isTaken(best) ? [...best, ...losses] : best
  }

  #one(sent: SchemaNode, received: SchemaNode, path: Path): readonly Finding[] {
    if (takesAnything(received)) return []
    if (notFollowed.some((name) => name in sent || name in received))
      return canonicalJson(sent) === canonicalJson(received) ? [] : [unclear(path)]
    const values = compareValues(sent, received, path)
    if (values !== undefined) return values
    const sentType = typeOf(sent)
    const receivedType = typeOf(received)
    if (receivedType !== undefined) {
      if (sentType === undefined) return [fails(path, `may be of any type, where ${receivedType} is taken`)]
      if (!isOfType(sentType, receivedType))
        return [
          fails(path, `is ${sentType}, where ${receivedType} is taken`, !isOfType(receivedType, sentType)),
        ]
    }
    const bounds = compareBounds(sent, received, path)
    if (sentType === 'object') return [...bounds, ...this.#members(sent, received, path)]
    if (sentType === 'array') return [...bounds, ...this.#elements(sent, received, path).map(notForAll)]
    return bounds
  }

  #members(sent: SchemaNode, received: SchemaNode, path: Path): readonly Finding[] {
    const [own, other] = [nodeOf(sent.properties ?? anything), nodeOf(received.properties ?? anything)]
    const isKept = new Set(Array.isArray(sent.required) ? sent.required : [])
    const required = Array.isArray(received.required) ? received.required : []
    const missing = required.map(String).filter((name) => !isKept.has(name))
    const further = received.additionalProperties
    return [
      ...missing.map((name) => fails([...path, memberLevel(name)], 'is required there, and may be missing')),
      ...Object.keys(own).flatMap((name) => {
        const place = [...path, memberLevel(name)]
        if (Object.hasOwn(other, name)) {
          const findings = this.#compare(own[name], other[name], place)
          return isKept.has(name) ? findings : findings.map(notForAll)
        }
        if (further === false) return [fails(place, 'is not known there, and refused', isKept.has(name))]
        if (further === undefined)
          return [{ path: place, outcome: 'loses', text: 'is not known there, and dropped' } as const]
        return this.#compare(own[name], further, place)
      }),
      ...this.#furtherMembers(sent, received, path).map(notForAll),
    ]
  }

  /** The members of records: those without a name of their own in the schema. */
  #furtherMembers(sent: SchemaNode, received: SchemaNode, path: Path): readonly Finding[] {
    const own = sent.additionalProperties
    if (own === undefined || own === false) return []
    const named = Object.entries(nodeOf(received.properties ?? anything))
      .filter(([name]) => !Object.hasOwn(nodeOf(sent.properties ?? anything), name))
      .flatMap(([name, other]) => this.#compare(own, other, [...path, memberLevel(name)]))
    const names = this.#compare(sent.propertyNames ?? anything, received.propertyNames ?? anything, [
      ...path,
      '(name)',
    ])
    const place = [...path, eachLevel]
    const further = received.additionalProperties
    if (further === undefined)
      return [...named, ...names, { path: place, outcome: 'loses', text: 'are dropped there' }]
    return [...named, ...names, ...this.#compare(own, further, place)]
  }

  #elements(sent: SchemaNode, received: SchemaNode, path: Path): readonly Finding[] {
    const [own, other] = [listOf(sent.prefixItems), listOf(received.prefixItems)]
    const length = Math.max(own.length, other.length)
    const [ownRest, otherRest] = [sent.items ?? anything, received.items ?? anything]
    const firsts = Array.from({ length }, (_, at) =>
      this.#compare(own[at] ?? ownRest, other[at] ?? otherRest, [...path, elementLevel(at)]),
    )
    // Without `items`, the elements after the first ones are unrestricted.
    return [
      ...firsts.flat(),
      ...this.#compare(sent.items === false ? nothing : ownRest, otherRest, [...path, eachLevel]),
    ]
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isTaken(findings: readonly Finding[]): boolean {
  return findings.every(({ outcome }) => outcome === 'loses')
}

/** Returns the parts that an alternative drops of accepted values; none if it accepts no value. */
function lossesOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.some(({ isForAll }) => isForAll)
    ? []
    : findings.filter(({ outcome }) => outcome === 'loses')
}

function notForAll(finding: Finding): Finding {
  return { ...finding, isForAll: false }
}

/** Whether findings are less severe, or as severe at fewer places: this finds the branch of a union that was meant. */
function isBetter(one: readonly Finding[], other: readonly Finding[]): boolean {
  const [own, others] = [severityOf(one), severityOf(other)]
  return own < others || (own === others && one.length < other.length)
}

function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map(findings.map((finding) => [`${finding.path.join('.')} ${finding.text}`, finding]))
  return [...seen.values()]
}
