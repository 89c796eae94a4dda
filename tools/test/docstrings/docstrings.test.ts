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

describe('every public name and member has a docstring', () => {
  it.each(packages)('in %s', (name) => {
    const found = missing.get(`packages/${name}`)
    expect(found?.map(({ name, place }) => `${name} (${place})`)).toEqual([])
  })
})

describe('the search for missing docstrings', () => {
  const names = (missing.get('tools/test/docstrings/sample') ?? []).map(({ name }) => name)

  it('finds names and members of interfaces, classes and object types, in the order of their places', () => {
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
