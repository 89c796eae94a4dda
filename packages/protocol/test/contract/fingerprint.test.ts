import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type EventMark, fingerprintOf } from '../../src/contract/index.ts'
import {
  bytes,
  compareFingerprints,
  contract,
  event,
  type Procedure,
  procedure,
  type Schema,
} from '../../src/index.ts'

const of = (one: Procedure, contractVersion = 1) => fingerprintOf(one, { contractVersion })
const Person = z.object({ name: z.string(), age: z.number() })

describe('a fingerprint', () => {
  test('is the same text in every run', () => {
    expect(of(procedure({ input: Person, output: bytes() }))).toBe('unary-783eea86-a36930e9-5465b825')
  })

  test.each([
    ['the order of members', z.object({ age: z.number(), name: z.string() })],
    ['descriptions and titles', Person.describe('somebody').meta({ title: 'Person' })],
    ['transforms, which run on the receiving side', Person.transform(({ name }) => name)],
  ])('does not change with %s', (_, input) => {
    expect(of(procedure({ input }))).toBe(of(procedure({ input: Person })))
  })

  test('does not change with resumeFrom and idempotent', () => {
    const stream = { input: Person, items: Person }
    const resuming = { ...stream, idempotent: true, resumeFrom: (input: z.infer<typeof Person>) => input }
    expect(of(procedure(resuming))).toBe(of(procedure(stream)))
  })

  test.each([
    ['an additional member', z.object({ name: z.string(), age: z.number(), room: z.string() })],
    ['a member of another type', z.object({ name: z.string(), age: z.string() })],
    ['a member that became optional', z.object({ name: z.string(), age: z.number().optional() })],
    ['a member named title', z.object({ name: z.string(), age: z.number(), title: z.string() })],
    ['an additional date, which JSON Schema cannot express', Person.extend({ at: z.date() })],
  ])('changes its input part with %s', (_, input) => {
    const differences = compareFingerprints(of(procedure({ input })), of(procedure({ input: Person })))
    expect(differences).toEqual(['input'])
  })

  test('tells which parts differ', () => {
    const one = of(procedure({ input: Person, output: Person }))
    expect(compareFingerprints(one, of(procedure({ input: Person, output: Person })))).toEqual([])
    expect(compareFingerprints(one, of(procedure({ input: Person, items: Person })))).toEqual(['kind'])
    expect(compareFingerprints(one, of(procedure({ input: bytes(), output: bytes() })))).toEqual([
      'input',
      'answer',
    ])
    const failing = of(procedure({ input: Person, output: Person, errors: { GONE: z.string() } }))
    expect(compareFingerprints(one, failing)).toEqual(['errors'])
    expect(compareFingerprints(one, 'of another form')).toEqual(['kind', 'input', 'answer', 'errors'])
  })

  test('falls back to the library and the contract version for a schema without JSON Schema', () => {
    const input = v.object({ name: v.string() })
    const other = v.object({ age: v.number() })
    expect(of(procedure({ input }))).toBe(of(procedure({ input: other })))
    expect(of(procedure({ input }), 1)).not.toBe(of(procedure({ input }), 2))
    expect(of(procedure({ input: Person }), 1)).toBe(of(procedure({ input: Person }), 2))
    expect(of(procedure({ input: z.literal(1n) }), 1)).toMatch(/^unary-/)
  })

  const fallbacks: readonly [string, () => unknown][] = [
    ['returns a schema with a bigint', () => ({ const: 1n })],
    ['returns a schema with a function', () => ({ 'x-check': () => true })],
    ['returns a schema that contains itself', () => cyclic()],
  ]

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('this schema cannot be expressed')
      },
    ],
    ['returns undefined', () => undefined],
    ...fallbacks,
  ])('falls back in the same way for a JSON Schema when the library %s', (_, input) => {
    const fallback = of(procedure({ input: ownSchema() }))
    expect(of(procedure({ input: ownSchema(input) }))).toBe(fallback)
    expect(of(procedure({ input: ownSchema(input) }), 2)).not.toBe(fallback)
    expect(of(procedure({ input: ownSchema(() => ({})) }))).not.toBe(fallback)
  })

  test.each(fallbacks)('falls back in the same way when the converter %s', (_, toJsonSchema) => {
    const input = ownSchema()
    const converted = fingerprintOf(procedure({ input }), { contractVersion: 1, toJsonSchema })
    expect(converted).toBe(of(procedure({ input })))
  })

  test('uses the converter that it is given', () => {
    const input = v.object({ name: v.string() })
    const toJsonSchema = () => z.toJSONSchema(Person, { io: 'input' })
    expect(fingerprintOf(procedure({ input }), { contractVersion: 1, toJsonSchema })).toBe(
      of(procedure({ input: Person })),
    )
  })
})

/** A schema of an unknown library, with a JSON Schema if `input` is given. */
function ownSchema(input?: () => unknown): Schema {
  const validate = (value: unknown) => ({ value })
  const jsonSchema = input === undefined ? {} : { jsonSchema: { input, output: input } }
  return { '~standard': { version: 1, vendor: 'own', validate, ...jsonSchema } } as Schema
}

function cyclic(): unknown {
  const schema: Record<string, unknown> = {}
  schema.not = schema
  return schema
}

describe('the fingerprint of an event', () => {
  const announced = (e: EventMark) =>
    contract('news', { version: 1, procedures: { ping: procedure({}) }, events: { e } }).announcement
  const ofEvent = (e: EventMark) => announced(e).eventFingerprints.e

  test('contains whether clients subscribe, and so does the hash of the contract', () => {
    const [handlers, clients] = [event(Person), event(Person, { subscribe: 'clients' })]
    expect(ofEvent(handlers)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{8}$/)
    expect(ofEvent(clients)).toBe(`${ofEvent(handlers)}-clients`)
    expect(announced(clients).hash).not.toBe(announced(handlers).hash)
  })

  test('does not depend on whenSlow', () => {
    expect(ofEvent(event(Person, { whenSlow: 'dropOldest' }))).toBe(ofEvent(event(Person)))
  })
})
