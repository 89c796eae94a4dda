import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { missingDocstrings } from '../../src/docstrings.ts'

const packages = [
  'framing',
  'iocp-core',
  'protocol',
  'client',
  'server',
  'log-sqlite',
  'testing',
  'broker-nats',
]
const missing = missingDocstrings([
  ...packages.map((name) => `packages/${name}`),
  'tools/test/docstrings/sample',
])

/**
 * The names without a docstring, of packages that still have some: a line for each. A package that has none needs no file, and a name
 * that got its docstring leaves the file.
 */
function knownGaps(name: string): readonly string[] {
  const file = join(import.meta.dirname, 'known-gaps', `${name}.txt`)
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
}

describe('every public name and member has a docstring', () => {
  it.each(packages)('in %s', (name) => {
    const found = missing.get(`packages/${name}`) ?? []
    const known = knownGaps(name)
    expect(
      found.filter((gap) => !known.includes(gap.name)).map(({ name, place }) => `${name} (${place})`),
    ).toEqual([])
    expect(known.filter((gap) => !found.some(({ name }) => name === gap))).toEqual([])
  })
})

describe('a missing docstring is found', () => {
  const names = (missing.get('tools/test/docstrings/sample') ?? []).map(({ name }) => name)

  it('of names and of members of interfaces, classes and object types, in the order of their places', () => {
    expect(names).toEqual([
      'bare',
      'Bare',
      'Shape.bare',
      'Circle.bare',
      'Either.value',
      'Class.bare',
      'Class.bareMethod',
    ])
  })
})
