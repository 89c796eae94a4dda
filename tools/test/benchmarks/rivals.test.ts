import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { entries } from '../../../benchmarks/src/comparison/contestants.ts'
import { measureBytesOfCall, measureIdle } from '../../../benchmarks/src/comparison/measure-memory.ts'
import {
  askRival,
  buildRivals,
  type RivalPrograms,
} from '../../../benchmarks/src/comparison/rival-programs.ts'
import { quickRows } from '../../../benchmarks/src/comparison/rows.ts'
import { withPair } from '../../../benchmarks/src/program-pair.ts'
import { addonVariable, readSide } from '../../../benchmarks/src/side.ts'
import { readRepositoryFile, repositoryFiles, repositoryRoot } from '../../src/repository.ts'

const benchmarks = join(repositoryRoot, 'benchmarks')
/** `npm ci --ignore-scripts --prefix benchmarks` installs them, as CI does. */
const areInstalled = existsSync(join(benchmarks, 'node_modules/hdr-histogram-js'))
const addon = addonVariable(readSide('ours', repositoryRoot))
describe.skipIf(!areInstalled || process.platform !== 'linux')('each contestant', () => {
  let programs: RivalPrograms

  beforeAll(async () => {
    programs = await buildRivals(entries, addon, 'packed-for-tests')
  }, 120_000)

  it.for(entries)(
    'answers each kind of call that it has: $name',
    { timeout: 60_000 },
    async (entry, test) => {
      const missing = programs.missing(entry)
      test.skip(missing !== undefined, missing)
      await withPair(programs.program(entry, quickRows[0]!), [], async (pair) => {
        programs.check(entry, pair)
        expect(await askRival(pair.client, { ask: 'check' })).toEqual({ kinds: entry.kinds })
      })
    },
  )

  it('is measured by the bytes that a call allocates on each side, and by the memory of idle connections', {
    timeout: 180_000,
  }, async () => {
    const entry = entries.find(({ key }) => key === 'net')!
    const member = { entry, name: entry.name, program: programs.program(entry, quickRows[0]!) }
    const { serverBytes, clientBytes } = (await measureBytesOfCall(programs, member))!
    for (const bytes of [serverBytes, clientBytes]) {
      expect(bytes).toBeGreaterThan(200)
      expect(bytes).toBeLessThan(50_000)
    }
    const idle = { ...quickRows[0]!, kind: 'idle' } as const
    const program = programs.program(entry, idle)
    const { residentBytes, bytesPerConnection } = await measureIdle(programs, { ...member, program }, 60)
    expect(residentBytes).toBeGreaterThan(60 * bytesPerConnection)
  })

  it('is refused if it uses packages of this repository that were not packed', async () => {
    const [entry] = entries
    const ready = { ours: 'file:///elsewhere/index.js', runtime: 'Node.js', kinds: entry!.kinds }
    expect(() => programs.check(entry!, { server: { ready }, client: { ready } } as never)).toThrow(
      'took file:///elsewhere/index.js, and not what is installed in',
    )
  })
})

describe('the set-up of each contestant', () => {
  const setUps = repositoryFiles().filter((file) => /^benchmarks\/rivals\/.*\.ts$/.test(file))

  it('is one file, which cites the documentation of its settings', () => {
    for (const { file, role } of entries) {
      const text = readRepositoryFile(`benchmarks/rivals/${file}.ts`)
      expect(text, file).toMatch(role === 'ours' ? /packages\/server\/README\.md/ : /https:\/\//)
    }
    expect(setUps.length).toBeGreaterThanOrEqual(new Set(entries.map(({ file }) => file)).size)
  })

  it('has exactly one version of each of its packages', () => {
    const { devDependencies } = JSON.parse(readRepositoryFile('benchmarks/package.json')) as {
      devDependencies: Readonly<Record<string, string>>
    }
    for (const { packages } of entries)
      for (const name of packages) expect(devDependencies, name).toHaveProperty([name])
    for (const version of Object.values(devDependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  })
})
