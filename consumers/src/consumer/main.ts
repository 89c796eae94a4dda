import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ConsumerResult, record, type TypesResult } from '../record.ts'
import { checkFloor } from './floor.ts'
import { type Manager, managers } from './managers.ts'
import { Place } from './place.ts'
import { dependenciesOn, publish } from './publish.ts'
import { openRegistry } from './registry.ts'
import { ranOn, reportOf, told } from './report.ts'
import { checkStarter } from './starter.ts'
import { checkTypes } from './types.ts'

const parts = ['managers', 'starter', 'types', 'floor']
const usage = `npm run test:consumer -- [options]

  --manager NAME   only this package manager (${managers.map(({ name }) => name).join(', ')}); may be given several times
  --part NAME      only this part (${parts.join(', ')}); may be given several times
  --backend NAME   what has to be chosen there: io_uring by default
  --record         write what was chosen into consumers/results.json, of which the tables of docs/platforms.md are made; not with --manager

Packs everything as a release is packed, publishes it to a registry on loopback, installs it from there with each
package manager, without scripts and without a C++ compiler, and runs a program on what was installed. Does with
examples/starter what its README and its Dockerfile say. Compiles programs with each TypeScript of tests/types/compilers.
Runs a program on the addon for Linux on x64 with glibc 2.17 (floor): that part alone asks for no registry on loopback.
`

const { values } = parseArgs({
  options: {
    manager: { type: 'string', multiple: true, default: managers.map(({ name }) => name) },
    part: { type: 'string', multiple: true, default: parts },
    backend: { type: 'string', default: 'io_uring' },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(usage)
else await main(values.manager, values.part, values.backend)

async function main(names: readonly string[], asked: readonly string[], backend: string): Promise<void> {
  const chosen = managers.filter(({ name }) => names.includes(name))
  if (chosen.length !== names.length) throw new RangeError(`--manager is ${names.join(', ')}: see --help`)
  if (asked.some((part) => !parts.includes(part)))
    throw new RangeError(`--part is ${parts.join(', ')}: see --help`)
  if (values.record && chosen.length < managers.length)
    throw new RangeError('--record takes a whole run: leave --manager out')
  const floor = asked.includes('floor') ? await checkFloor() : []
  const rest = asked.filter((part) => part !== 'floor')
  const installed =
    rest.length > 0 ? await checkInstalled(chosen, rest, backend) : { failed: 0, consumers: [], types: [] }
  if (installed.failed > 0) process.exitCode = 1
  else if (values.record)
    record({
      ...(asked.includes('managers') ? { consumers: installed.consumers } : {}),
      ...(asked.includes('types') ? { types: installed.types } : {}),
      ...(asked.includes('floor') ? { floor } : {}),
    })
}

interface Installed {
  readonly failed: number
  readonly consumers: readonly ConsumerResult[]
  readonly types: readonly TypesResult[]
}

/** The tests that need a release in a registry. */
async function checkInstalled(
  chosen: readonly Manager[],
  asked: readonly string[],
  backend: string,
): Promise<Installed> {
  const registry = await openRegistry()
  const release = mkdtempSync(join(tmpdir(), 'frameport-release-'))
  let failed = 0
  const consumers: ConsumerResult[] = []
  let types: readonly TypesResult[] = []
  try {
    const versions = await publish(release, registry.url)
    if (asked.includes('managers')) {
      const dependencies = dependenciesOn(['client', 'protocol', 'server'], versions)
      for (const manager of chosen)
        failed += await use(manager, registry.url, dependencies, backend, consumers)
      failed += await withoutOptional(registry.url, dependencies)
    }
    if (asked.includes('starter'))
      failed += tell('examples/starter', await checkStarter(registry.url, backend))
    if (asked.includes('types')) types = await checkTypes(registry.url, versions)
    return { failed, consumers, types }
  } finally {
    await registry.close()
    rmSync(release, { recursive: true, force: true })
  }
}

/** Returns the number of failures. */
function tell(what: string, failure: string | undefined): number {
  if (failure === undefined) return 0
  process.stderr.write(`${what}: ${failure}\n`)
  return 1
}

/** Returns the number of reported failures. */
async function use(
  manager: Manager,
  registry: string,
  dependencies: Record<string, string>,
  backend: string,
  results: ConsumerResult[],
): Promise<number> {
  const place = new Place({ name: 'consumer', private: true, type: 'module', dependencies }, {})
  const environment = manager.environment(registry, (name) => place.beside(name))
  try {
    for (const [name, text] of Object.entries(manager.files ?? {})) place.write(name, text)
    const [install, ...installArgs] = manager.install
    const installed = await place.run(install, installArgs, environment)
    if (installed.code !== 0) return told(`${manager.name}: its installation failed`, installed)
    const [tool, ...asks] = manager.version
    const installedBy = manager.label((await place.run(tool, asks, environment)).stdout.trim())
    let failures = 0
    for (const [runtime, [program, ...args]] of Object.entries(manager.runs)) {
      const ended = await place.run(program, args, environment)
      const report = reportOf(ended.stdout)
      if (report === undefined || !ranOn(backend, report) || ended.code !== 0)
        failures += told(`${manager.name}, run by ${runtime}: ${backend} was asked for`, ended)
      else {
        process.stdout.write(`${manager.name}, run by ${runtime}: ${report.backend}\n`)
        results.push({ installedBy, runBy: report.runtime ?? runtime, backend })
      }
    }
    return failures
  } finally {
    place.remove()
  }
}

/** If the package with the addon was omitted, `net` is used, and the process reports this and the fix once. */
async function withoutOptional(registry: string, dependencies: Record<string, string>): Promise<number> {
  const manager = managers.find(({ name }) => name === 'npm') as Manager
  const place = new Place({ name: 'consumer', private: true, type: 'module', dependencies }, {})
  const environment = manager.environment(registry, (name) => place.beside(name))
  try {
    const [install, ...args] = manager.install
    const installed = await place.run(install, [...args, '--omit=optional'], environment)
    if (installed.code !== 0) return told('npm --omit=optional: its installation failed', installed)
    const ended = await place.run(process.execPath, ['program.mjs'], environment)
    const warnings = ended.stderr.match(/FRAMEPORT_BACKEND_FALLBACK/g)?.length
    const names = ended.stderr.includes('@frameport/iocp-core-linux-x64-gnu')
    if (reportOf(ended.stdout)?.backend !== 'net' || warnings !== 1 || !names)
      return told('npm --omit=optional: net with one warning was asked for', ended)
    process.stdout.write('npm --omit=optional, run by node: net, with one warning that names the package\n')
    return 0
  } finally {
    place.remove()
  }
}
