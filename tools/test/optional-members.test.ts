import { describe, expect, test } from 'vitest'
import { membersWithoutUndefined } from '../src/optional-members.ts'
import { publicEntries } from '../src/public-names.ts'

const folders = ['client', 'iocp-core', 'log-sqlite', 'server', 'testing', 'broker-nats'].map(
  (name) => `packages/${name}`,
)
const entries = [...publicEntries(folders).values()].flat()

describe('every optional member of the option types accepts undefined', () => {
  test.each(entries.map(({ name, exports }) => [name, exports] as const))('of %s', (_, exports) => {
    expect(membersWithoutUndefined(exports)).toEqual([])
  })

  test('a forgotten one is found', () => {
    const found = (text: string) => membersWithoutUndefined([{ name: 'GivenOptions', text }])
    expect(
      found('interface GivenOptions { a?: number; b?: string | undefined; c?: unknown; d: number }'),
    ).toEqual(['GivenOptions.a'])
    expect(found('type GivenOptions = { [Name in keyof Limits]?: Limits[Name] }')).toEqual([
      'GivenOptions.Name in keyof Limits',
    ])
    expect(found('type GivenOptions = { [Name in keyof Limits]-?: Limits[Name] }')).toEqual([])
    expect(found('type GivenOptions = Partial<Limits>')).toEqual(['GivenOptions.Partial<Limits>'])
    expect(found('interface GivenOptions { on?: ((a: { b?: number }) => void) | undefined }')).toEqual([])
    expect(membersWithoutUndefined([{ name: 'Given', text: 'interface Given { a?: number }' }])).toEqual([])
  })
})
