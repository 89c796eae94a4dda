import { describe, expect, it } from 'vitest'
import { type PublicEntry, publicEntries } from '../src/public-names.ts'

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
const entries = publicEntries(packages.map((name) => `packages/${name}`))
const entriesOf = (name: string): readonly PublicEntry[] => entries.get(`packages/${name}`) ?? []

/** With more names than this, the author of an application has to search for the ones that are needed. */
const namesOfApplicationsMax = 40

/**
 * Every change of the public names shows as a difference in these files. To write them: `npx vitest run --root tools
 * public-names -u`.
 */
describe('the public names', () => {
  it.each(packages)('of %s are those that were decided', async (name) => {
    const text = entriesOf(name).map(
      ({ name, exports }) =>
        `// ${name}: ${exports.length}\n\n${exports.map(({ text }) => text).join('\n')}\n`,
    )
    expect(text.length).toBeGreaterThan(0)
    await expect(text.join('\n')).toMatchFileSnapshot(`public-names/${name}.txt`)
  })

  it('of protocol are few for applications', () => {
    const main = entriesOf('protocol').find(({ name }) => name === '@frameport/protocol')
    expect(main?.exports.length).toBeGreaterThan(0)
    expect(main?.exports.length).toBeLessThanOrEqual(namesOfApplicationsMax)
  })

  it('of protocol have one place each', () => {
    const names = entriesOf('protocol').flatMap(({ exports }) => exports.map(({ name }) => name))
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })
})
