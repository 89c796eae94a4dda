import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { compareContracts } from '../../src/comparison/index.ts'
import { contract, procedure } from '../../src/index.ts'

/** A schema that was generated, and values that fit it. */
interface Drawn {
  readonly schema: z.ZodType
  readonly value: fc.Arbitrary<unknown>
}

const names = ['a', 'b', 'c'] as const

const leaf: fc.Arbitrary<Drawn> = fc.oneof(
  fc.constant<Drawn>({ schema: z.string(), value: fc.string({ maxLength: 6 }) }),
  fc.constant<Drawn>({ schema: z.boolean(), value: fc.boolean() }),
  fc.constant<Drawn>({ schema: z.null(), value: fc.constant(null) }),
  fc.constantFrom<(string | number | boolean)[]>('x', 'yy', 0, 2, 6, true, false).map(
    (value): Drawn => ({
      schema: z.literal(value),
      value: fc.constant(value),
    }),
  ),
  fc.integer({ min: -3, max: 3 }).map(
    (edge): Drawn => ({
      schema: z.number().gt(edge),
      value: fc.oneof(fc.integer({ min: edge + 1, max: edge + 5 }), fc.constant(edge + 0.5)),
    }),
  ),
  fc.constantFrom(1, 2, 3, 4).map(
    (of): Drawn => ({
      schema: z.number().multipleOf(of),
      value: fc.integer({ min: -4, max: 4 }).map((times) => times * of),
    }),
  ),
  fc.constant<Drawn>({ schema: z.int(), value: fc.integer({ min: -9, max: 9 }) }),
  fc.constant<Drawn>({
    schema: z.number(),
    value: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(0.5)),
  }),
  fc.tuple(fc.integer({ min: -3, max: 3 }), fc.nat(4)).map(
    ([min, more]): Drawn => ({
      schema: z
        .int()
        .min(min)
        .max(min + more),
      value: fc.integer({ min, max: min + more }),
    }),
  ),
  fc
    .nat(4)
    .map((length): Drawn => ({ schema: z.string().max(length), value: fc.string({ maxLength: length }) })),
  fc.subarray(['x', 'y', 'z'], { minLength: 1 }).map(
    (values): Drawn => ({
      schema: z.enum(values),
      value: fc.constantFrom(...values),
    }),
  ),
)

const drawn = fc.letrec<{ any: Drawn }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('any').map(
      ({ schema, value }): Drawn => ({ schema: z.array(schema), value: fc.array(value, { maxLength: 3 }) }),
    ),
    tie('any').map(({ schema, value }): Drawn => ({ schema: schema.nullable(), value: fc.option(value) })),
    tie('any').map(
      ({ schema, value }): Drawn => ({
        schema: z.record(z.string(), schema),
        value: fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 }),
      }),
    ),
    fc.tuple(tie('any'), tie('any')).map(
      ([one, other]): Drawn => ({
        schema: z.union([one.schema, other.schema]),
        value: fc.oneof(one.value, other.value),
      }),
    ),
    fc.tuple(tie('any'), tie('any')).map(
      ([one, other]): Drawn => ({
        schema: z.tuple([one.schema, other.schema]),
        value: fc.tuple(one.value, other.value),
      }),
    ),
    fc
      .tuple(
        fc.uniqueArray(fc.tuple(fc.constantFrom(...names), tie('any'), fc.boolean()), {
          selector: ([name]) => name,
        }),
        fc.boolean(),
      )
      .map(([members, isStrict]): Drawn => {
        const shape = Object.fromEntries(
          members.map(([name, { schema }, optional]) => [name, optional ? schema.optional() : schema]),
        )
        const values = Object.fromEntries(members.map(([name, { value }]) => [name, value]))
        const requiredKeys = members.filter(([, , optional]) => !optional).map(([name]) => name)
        return {
          schema: isStrict ? z.strictObject(shape) : z.object(shape),
          value: fc.record(values, { requiredKeys, noNullPrototype: true }),
        }
      }),
  ),
})).any

const withInput = (input: z.ZodType) => contract('c', { version: 1, procedures: { p: procedure({ input }) } })

/** Whether the parsed value still has all names of the given one. */
function isWhole(given: unknown, made: unknown): boolean {
  if (typeof given !== 'object' || given === null) return true
  return Object.entries(given).every(
    ([name, member]) =>
      Object.hasOwn(made as object, name) && isWhole(member, (made as Record<string, unknown>)[name]),
  )
}

it('a value of one schema passes a schema that the comparison calls compatible, without losing members', () => {
  let compatible = 0
  fc.assert(
    fc.property(drawn, drawn, fc.boolean(), fc.gen(), (sent, other, isWider, g) => {
      const received = isWider ? z.union([other.schema, sent.schema]) : other.schema
      const outcomes = compareContracts(withInput(sent.schema), withInput(received))
        .filter(({ client }) => client === 'old')
        .map(({ outcome }) => outcome)
      if (outcomes.includes('fails') || outcomes.includes('unknown')) return
      compatible += 1
      const value = g(() => sent.value)
      const parsed = received.safeParse(value)
      expect(parsed.success).toBe(true)
      if (!outcomes.includes('loses')) expect(isWhole(value, parsed.data)).toBe(true)
    }),
    { numRuns: 2_000 },
  )
  expect(compatible).toBeGreaterThan(100)
})

it('a schema is compatible with itself and with a wider one', () => {
  fc.assert(
    fc.property(drawn, drawn, ({ schema }, other) => {
      const told = (before: z.ZodType, after: z.ZodType) =>
        compareContracts(withInput(before), withInput(after)).filter(({ client }) => client === 'old')
      expect(told(schema, z.union([schema])).filter(({ outcome }) => outcome !== 'loses')).toEqual([])
      expect(
        told(schema, z.union([schema, other.schema])).filter(({ outcome }) => outcome === 'fails'),
      ).toEqual([])
    }),
    { numRuns: 500 },
  )
})
