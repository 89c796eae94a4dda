import { bytes, type Schema } from '@frameport/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { asOutput, checkedOutput } from '../../src/serving/checked-output.ts'

const User = z.object({ name: z.string(), tags: z.array(z.object({ id: z.number() })).optional() })
const user = { name: 'Ada', passwordHash: 'x' }

class Row {
  readonly name = 'Ada'
  readonly passwordHash = 'x'
}

class Document {
  toJSON() {
    return { name: 'Ada', passwordHash: 'x' }
  }

  get name() {
    return 'Ada'
  }
}

interface Case {
  readonly schema: Schema
  readonly given: unknown
  readonly sent: unknown
}

const cases: readonly [string, Case][] = [
  ['an undeclared member', { schema: User, given: user, sent: { name: 'Ada' } }],
  ['an undeclared member of a class instance', { schema: User, given: new Row(), sent: { name: 'Ada' } }],
  [
    'an undeclared member that toJSON returns',
    { schema: User, given: new Document(), sent: { name: 'Ada' } },
  ],
  [
    'an undeclared member in an array',
    { schema: z.array(User), given: [{ name: 'Ben' }, user], sent: [{ name: 'Ben' }, { name: 'Ada' }] },
  ],
  [
    'an undeclared member in a record',
    { schema: z.record(z.string(), User), given: { a: user }, sent: { a: { name: 'Ada' } } },
  ],
  [
    'a deeply nested undeclared member',
    {
      schema: User,
      given: { name: 'Ada', tags: [{ id: 1, secret: true }] },
      sent: { name: 'Ada', tags: [{ id: 1 }] },
    },
  ],
  [
    'an undeclared member in a union',
    {
      schema: z.union([
        z.object({ kind: z.literal('a') }),
        z.object({ kind: z.literal('b'), b: z.number() }),
      ]),
      given: { kind: 'b', b: 1, a: 2 },
      sent: { kind: 'b', b: 1 },
    },
  ],
  [
    'an undeclared member, with a Valibot schema',
    { schema: v.object({ name: v.string() }), given: user, sent: { name: 'Ada' } },
  ],
  [
    'an undeclared member next to a transformed one',
    {
      schema: z.object({ at: z.string().transform((text) => new Date(text)) }),
      given: { at: '2026-01-01', secret: 1 },
      sent: { at: '2026-01-01' },
    },
  ],
  [
    'an undeclared member next to a default',
    { schema: z.object({ a: z.number().default(5) }), given: { secret: 1 }, sent: {} },
  ],
  [
    'an undeclared member named __proto__',
    { schema: z.object({ a: z.number() }), given: JSON.parse('{"a":1,"__proto__":{"b":2}}'), sent: { a: 1 } },
  ],
]

const unchanged: readonly [string, Schema, unknown][] = [
  ['a value that matches its schema', User, { name: 'Ada', tags: [{ id: 1 }] }],
  ['a string', z.string(), 'text'],
  ['nothing', z.undefined(), undefined],
  ['raw bytes', bytes(), new Uint8Array(3)],
  ['an object that the schema accepts as it is', z.looseObject({}), { a: { b: 1 } }],
  ['anything', z.any(), user],
  ['a value that the schema transforms', z.string().transform((text) => text.length), 'four'],
  [
    'an object that the schema transforms into another',
    z.object({ a: z.string() }).transform(({ a }) => ({ b: a })),
    { a: 'x', secret: 1 },
  ],
  [
    'an object with optional members that the schema transforms into another',
    z.object({ a: z.string().optional() }).transform(({ a }) => ({ b: a })),
    { a: 'x', secret: 1 },
  ],
  ['an array that the schema shortens', z.array(User).transform((list) => list.slice(1)), [user, user]],
  [
    'an object with members of its prototype, which JSON never has',
    User,
    Object.assign(Object.create({ inherited: 1 }), { name: 'Ada' }),
  ],
  [
    'an object that the schema transforms into random values',
    z.object({}).transform(() => ({ r: Math.random() })),
    { a: 1 },
  ],
]

describe('the output that is sent', () => {
  it.each(cases)('lacks %s', async (_, { schema, given, sent }) => {
    const result = await checkedOutput(schema, given, asOutput('the output of a/b'))
    expect(result).toEqual({ ok: true, value: sent })
    expect(JSON.stringify(result)).not.toMatch(/secret|passwordHash/)
  })

  it.each(cases)('lacks %s when the schema is asynchronous', async (_, { schema, given, sent }) => {
    const { validate } = schema['~standard']
    const later = {
      '~standard': { ...schema['~standard'], validate: async (value: unknown) => validate(value) },
    } as Schema
    expect(await checkedOutput(later, given, asOutput('the output of a/b'))).toEqual({
      ok: true,
      value: sent,
    })
  })

  it.each(unchanged)('is %s itself', async (_, schema, given) => {
    const result = await checkedOutput(schema, given, asOutput('the output of a/b'))
    expect(result.ok && Object.is(result.value, given)).toBe(true)
  })

  it('is nothing when it does not fit its schema', async () => {
    const result = await checkedOutput(User, { name: 5 }, asOutput('the output of a/b'))
    expect(result).toMatchObject({ ok: false, error: { code: 'INTERNAL' } })
  })

  it('is the given value when a getter throws, so that its encoding fails with that error', async () => {
    const given = { name: 'Ada', passwordHash: 'x', tags: undefined }
    let reads = 0
    Object.defineProperty(given, 'name', {
      enumerable: true,
      get() {
        if (reads++ > 0) throw new Error('once only')
        return 'Ada'
      },
    })
    const result = await checkedOutput(User, given, asOutput('the output of a/b'))
    expect(result.ok && Object.is(result.value, given)).toBe(true)
    // This holds too when the schema gives the same for any value.
    const same = z.any().transform(() => ({ name: 'Ada' }))
    const again = await checkedOutput(same, given, asOutput('the output of a/b'))
    expect(again.ok && Object.is(again.value, given)).toBe(true)
  })
})
