import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { contractLimits, outlinesOf, readDescription } from '../../src/contract/index.ts'
import { bytes, contract, event, procedure, type Schema } from '../../src/index.ts'

function outline(input: Schema | undefined): Readonly<Record<string, string>> {
  const made = contract('c', { version: 1, procedures: { p: procedure({ input }) } })
  return outlinesOf(made).procedures.p ?? {}
}

function placesOf(input: Schema | undefined): string[] {
  return Object.keys(outline(input)).filter((place) => place.startsWith('input'))
}

/** The places that have different hashes, or that only one side has. */
function changed(one: Schema, other: Schema): readonly string[] {
  const [left, right] = [outline(one), outline(other)]
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(
    (place) => left[place] !== right[place],
  )
}

const wide = (members: number) =>
  z.object(Object.fromEntries(Array.from({ length: members }, (_, index) => [`m${index}`, z.string()])))
const deep = (levels: number): z.ZodType => (levels === 0 ? z.string() : z.object({ a: deep(levels - 1) }))

describe('the outline of a procedure', () => {
  it('lists members by their places, and marks optional ones', () => {
    const Address = z.object({ street: z.string(), number: z.number().optional() })
    const input = z.object({
      name: z.string(),
      nick: z.string().optional(),
      age: z.number().default(0),
      address: Address.nullable(),
      tags: z.array(z.object({ text: z.string() })),
      pair: z.tuple([z.string(), z.number()]),
      byName: z.record(z.string(), z.boolean()),
    })
    expect(placesOf(input).sort()).toEqual(
      [
        'input',
        'input.name',
        'input.nick?',
        'input.age?',
        'input.address',
        'input.address.street',
        'input.address.number?',
        'input.tags',
        'input.tags.[]',
        'input.tags.[].text',
        'input.pair',
        'input.pair.[0]',
        'input.pair.[1]',
        'input.byName',
        'input.byName.[]',
      ].sort(),
    )
  })

  it('quotes names that would otherwise be ambiguous', () => {
    const input = z.object({ 'a.b': z.string(), '[]': z.string(), '?': z.string(), '"': z.string() })
    expect(placesOf(input).sort()).toEqual(
      ['input', 'input."a.b"', 'input."[]"', 'input."?"', 'input."\\""'].sort(),
    )
  })

  it.each<[string, Schema, Schema, readonly string[]]>([
    ['a bound', z.object({ a: z.string() }), z.object({ a: z.string().max(5) }), ['input.a']],
    ['a member', z.object({}), z.object({ a: z.string() }), ['input.a']],
    [
      'a member of a member',
      z.object({ a: z.object({ b: z.string() }) }),
      z.object({ a: z.object({ b: z.number() }) }),
      ['input.a.b'],
    ],
    [
      'whether a member is optional',
      z.object({ a: z.string() }),
      z.object({ a: z.string().optional() }),
      ['input.a', 'input.a?'],
    ],
    [
      'whether a member is nullable',
      z.object({ a: z.object({ b: z.string() }) }),
      z.object({ a: z.object({ b: z.string() }).nullable() }),
      ['input.a'],
    ],
    ['an element', z.array(z.string()), z.array(z.number()), ['input.[]']],
    ['a value of a record', z.record(z.string(), z.string()), z.record(z.string(), z.number()), ['input.[]']],
    [
      'the length of a tuple',
      z.tuple([z.string()]),
      z.tuple([z.string(), z.string()]),
      ['input', 'input.[1]'],
    ],
    ['a union', z.union([z.string(), z.number()]), z.union([z.string(), z.boolean()]), ['input']],
    [
      'an object made strict',
      z.object({ a: z.string() }),
      z.strictObject({ a: z.string() }),
      ['input', 'input!'],
    ],
    ['the kind of body', bytes(), z.string(), ['input*', 'input']],
  ])('has different hashes where %s changed, and nowhere else', (_, one, other, places) => {
    expect([...changed(one, other)].sort()).toEqual([...places].sort())
  })

  it('does not depend on the order of members or on descriptions', () => {
    const one = z.object({ a: z.string(), b: z.enum(['x', 'y']) })
    const other = z.object({ b: z.enum(['y', 'x']), a: z.string().describe('a') })
    expect(changed(one, other)).toEqual([])
  })

  it('ends at the recursion of a schema', () => {
    const Tree = z.object({
      name: z.string(),
      get children() {
        return z.array(Tree)
      },
    })
    expect(placesOf(Tree).sort()).toEqual(['input', 'input.children', 'input.children.[]', 'input.name'])
  })

  it('includes the schemas that a union refers to', () => {
    const tree = (name: z.ZodType) => {
      const Tree: z.ZodType = z.object({
        name,
        get next() {
          return z.union([z.string(), Tree])
        },
      })
      return z.object({ first: Tree, second: Tree })
    }
    expect(changed(tree(z.string()), tree(z.number()))).toContain('input.first.next')
  })

  it('has one hash for each part without a JSON Schema, without a body, or of bytes', () => {
    const unsayable: Schema = { '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }) } }
    for (const input of [unsayable, bytes(), undefined]) expect(placesOf(input)).toEqual(['input*'])
  })

  it('names errors by their codes, and events by their parts', () => {
    const made = contract('c', {
      version: 1,
      procedures: { p: procedure({ items: z.string(), errors: { GONE: z.object({ why: z.string() }) } }) },
      events: { e: event(z.object({ text: z.string() }), { topic: z.object({ room: z.string() }) }) },
    })
    const { procedures, events } = outlinesOf(made)
    expect(Object.keys(procedures.p ?? {})).toEqual(['input*', 'items', 'errors.GONE', 'errors.GONE.why'])
    expect(Object.keys(events.e ?? {})).toEqual(['payload', 'payload.text', 'topic', 'topic.room'])
  })

  it('is computed once for each contract', () => {
    const made = contract('c', { version: 1, procedures: { p: procedure({}) } })
    expect(outlinesOf(made)).toBe(outlinesOf(made))
  })
})

describe('the limits of an outline', () => {
  const { outlinePlacesMax, outlineDepthMax, outlinePlaceLengthMax, outlinePlacesPerContractMax } =
    contractLimits

  it.each([
    ['at the limit', outlinePlacesMax - 1, outlinePlacesMax],
    ['one over', outlinePlacesMax, 1],
    ['far over', 2_000, 1],
  ])('of places: a part %s', (_, members, places) => {
    expect(placesOf(wide(members))).toHaveLength(places)
  })

  it('leaves one hash for a part over the limit, which still changes', () => {
    expect(placesOf(wide(outlinePlacesMax))).toEqual(['input*'])
    expect(changed(wide(200), wide(201))).toEqual(['input*'])
  })

  it.each([
    ['at the limit', outlineDepthMax, `input${'.a'.repeat(outlineDepthMax)}`],
    ['one over', outlineDepthMax + 1, `input${'.a'.repeat(outlineDepthMax)}*`],
    ['far over', 20, `input${'.a'.repeat(outlineDepthMax)}*`],
  ])('of levels: a part %s', (_, levels, last) => {
    expect(placesOf(deep(levels)).at(-1)).toBe(last)
  })

  it('treats a part as a whole when it is nested nearly as deep as JSON may be', () => {
    const union = (levels: number): z.ZodType =>
      levels === 0 ? z.string() : z.union([z.number(), z.array(union(levels - 1))])
    for (const levels of [19, 20, 21]) expect(placesOf(union(levels)).length).toBe(1)
  })

  it.each([
    ['at the limit', outlinePlaceLengthMax - 'input.'.length, false],
    ['one over', outlinePlaceLengthMax - 'input.'.length + 1, true],
    ['far over', 100_000, true],
  ])('of the length of a place: a name %s', (_, length, isWhole) => {
    expect(placesOf(z.object({ ['a'.repeat(length)]: z.string() })).includes('input*')).toBe(isWhole)
  })

  it('of all places of a contract: the last procedures get one hash for each part', () => {
    const input = wide(outlinePlacesMax - 1)
    const count = outlinePlacesPerContractMax / outlinePlacesMax + 1
    const names = Array.from({ length: count }, (_, index) => `p${index}`)
    const procedures = Object.fromEntries(names.map((name) => [name, procedure({ input, output: bytes() })]))
    const made = Object.values(outlinesOf(contract('c', { version: 1, procedures })).procedures)
    expect(made.map((one) => 'input' in one)).toEqual([...names.slice(1).map(() => true), false])
  })
})

describe('readDescription', () => {
  const description = { contract: 'c', version: 1, procedures: { p: 'f' }, events: {} }

  it('accepts the description of an older peer, without outlines', () => {
    const none = { clientProcedures: {}, outlines: undefined }
    expect(readDescription(description)).toEqual({ ...description, ...none })
  })

  it.each([
    ['nothing', undefined],
    ['a list', []],
    ['no procedures', { ...description, procedures: undefined }],
    ['a procedure that is not a string', { ...description, procedures: { p: 1 } }],
    ['events that are an array', { ...description, events: ['e'] }],
    ['no version', { ...description, version: '1' }],
    ['procedures of clients that are not strings', { ...description, clientProcedures: { ask: 1 } }],
  ])('refuses %s', (_, value) => {
    expect(readDescription(value)).toBeUndefined()
  })

  it.each([
    ['a list', []],
    ['a record with a hash that is not a string', { procedures: { p: { input: 1 } }, events: {} }],
    ['a record with an outline that is a string', { procedures: { p: 'input' }, events: {} }],
    ['no events', { procedures: {} }],
    [
      'a record whose procedures of clients are an array',
      { procedures: {}, events: {}, clientProcedures: [] },
    ],
  ])('leaves out outlines that are %s', (_, outlines) => {
    expect(readDescription({ ...description, outlines })?.outlines).toBeUndefined()
  })
})
