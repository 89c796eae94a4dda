import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compareContracts } from '../../src/comparison/index.ts'
import { outlinesOf } from '../../src/contract/index.ts'
import { type Contract, contract, procedure, type Schema } from '../../src/index.ts'
import { changes, nothing, withInput, withOutput } from './changes.ts'
import { finerChanges } from './finer-changes.ts'

/** The differences as lines of the form `old fails p input.a: …`. */
function told(before: Contract, after: Contract): string[] {
  return compareContracts(before, after).map(
    ({ client, outcome, member, place, text }) =>
      `${client} ${outcome} ${[member, place].filter((part) => part !== '').join(' ')}: ${text}`,
  )
}

describe('compareContracts reports the effect of a change on old and new clients', () => {
  it.each([...changes, ...finerChanges])('%s', (_, before, after, lines) => {
    expect(told(before, after)).toEqual(lines)
  })
})

describe('compareContracts', () => {
  it('finds no difference in equal recursive schemas, and a change inside of one', () => {
    type Tree = { v: number | string; kids: Tree[] }
    const tree = (v: z.ZodType) => {
      const node: z.ZodType<Tree> = z.object({
        v,
        get kids() {
          return z.array(node)
        },
      }) as never
      return node
    }
    expect(told(withOutput(tree(z.number())), withOutput(tree(z.number())))).toEqual([])
    expect(told(withOutput(tree(z.number())), withOutput(tree(z.string())))).toEqual([
      'old fails p output.v: is string, where number is taken',
      'new fails p output.v: is number, where string is taken',
    ])
  })

  it('names places as the outline does, with quotes around names with dots and names that are no identifiers', () => {
    const input = (leaf: z.ZodType) =>
      z.object({
        nick: leaf,
        'x-y': leaf,
        'a.b': leaf,
        '[]': leaf,
        '0': leaf,
        '"': leaf,
        pair: z.tuple([leaf, z.object({ 'c d': leaf })]),
        rows: z.array(z.object({ 'e/f': leaf })),
      })
    const [before, after] = [withInput(input(z.string())), withInput(input(z.number()))]
    const places = compareContracts(before, after).map(({ place }) => place)
    const outlined = Object.keys(outlinesOf(before).procedures.p ?? {}).map((place) =>
      place.replace(/[?!*]+$/, ''),
    )
    const leaves = outlined.filter((place) => !outlined.some((other) => other.startsWith(`${place}.`)))
    expect([...new Set(places)].sort()).toEqual(leaves.filter((place) => place.startsWith('input')).sort())
    expect(places).toContain('input."a.b"')
    expect(places).toContain('input.pair.[1]."c d"')
  })

  it('quotes the name of a member that is missing or unknown', () => {
    const [before, after] = [withInput(z.object({})), withInput(z.object({ 'a.b': z.string() }))]
    expect(told(before, after)).toEqual([
      'old fails p input."a.b": is required there, and may be missing',
      'new loses p input."a.b": is not known there, and dropped',
    ])
  })

  it('reports unknown for a schema without JSON Schema, unless both are the same schema', () => {
    const bare = (): Schema => ({
      '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }) },
    })
    const shared = bare()
    expect(told(withInput(shared), withInput(shared))).toEqual([])
    const unknown = 'has no JSON Schema: give the contract toJsonSchema'
    expect(told(withInput(bare()), withInput(bare()))).toEqual([
      `old unknown p input: ${unknown}`,
      `new unknown p input: ${unknown}`,
    ])
  })

  it('uses the toJsonSchema of each contract', () => {
    const bare: Schema = { '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }) } }
    const state = (type: string) =>
      contract('c', {
        version: 1,
        procedures: { p: procedure({ input: { ...bare } }) },
        toJsonSchema: () => ({ type }),
      })
    expect(told(state('string'), state('string'))).toEqual([])
    expect(told(state('string'), state('number'))).toEqual([
      'old fails p input: is string, where number is taken',
      'new fails p input: is number, where string is taken',
    ])
  })

  it('reports unknown for rules that it cannot compare, unless both sides have equal ones', () => {
    const ruled = (rule: object) =>
      contract('c', {
        version: 1,
        procedures: { p: procedure({ input: z.any() }) },
        toJsonSchema: () => ({ type: 'object', ...rule }),
      })
    const not = { not: { required: ['a'] } }
    const fresh = (rule: object) => ruled(structuredClone(rule))
    expect(told(ruled(not), fresh(not))).toEqual([])
    expect(told(ruled(not), ruled({ not: { required: ['b'] } }))).toEqual([
      'old unknown p input: has rules that JSON Schema does not compare',
      'new unknown p input: has rules that JSON Schema does not compare',
    ])
  })

  it('refuses a value that is no contract, and contracts with different names', () => {
    const one = contract('one', { version: 1, procedures: { nothing } })
    const other = contract('other', { version: 1, procedures: { nothing } })
    const invalid = expect.objectContaining({ code: 'INVALID_CONTRACT' })
    expect(() => compareContracts(one, other)).toThrow(invalid)
    expect(() => compareContracts(one, {} as Contract)).toThrow(invalid)
  })
})
