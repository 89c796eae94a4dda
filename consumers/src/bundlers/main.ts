import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { managers } from '../consumer/managers.ts'
import { Place } from '../consumer/place.ts'
import { publish } from '../consumer/publish.ts'
import { openRegistry } from '../consumer/registry.ts'
import { told } from '../consumer/report.ts'
import { type BundlerResult, record } from '../record.ts'
import { type Bundler, bundlers, type Format, fileOf } from './bundlers.ts'
import { type Bundle, placements, type Surroundings } from './placements.ts'

const names = bundlers.map(({ name }) => name)
const usage = `npm run test:bundlers -- [options]

  --bundler NAME   only this bundler (${names.join(', ')}); may be given several times
  --backend NAME   what has to be chosen where the addon is found: io_uring by default
  --record         write what was chosen into consumers/results.json, of which the tables of docs/platforms.md are made; not with --bundler

Packs everything as a release is packed, installs it from a registry on loopback, and makes one file of a program and all of it, with
each bundler, as ESM and as CommonJS. Runs each file where the addon can be found, where it cannot, and where FRAMEPORT_ADDON
names it.
`

const { values } = parseArgs({
  options: {
    bundler: { type: 'string', multiple: true, default: names },
    backend: { type: 'string', default: 'io_uring' },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(usage)
else await main(values.bundler, values.backend)

async function main(chosen: readonly string[], backend: string): Promise<void> {
  const unknown = chosen.filter((name) => !names.includes(name))
  if (unknown.length > 0) throw new RangeError(`there is no ${unknown.join(', ')}: see --help`)
  if (values.record && chosen.length < names.length)
    throw new RangeError('--record takes a whole run: leave --bundler out')
  const registry = await openRegistry()
  const release = mkdtempSync(join(tmpdir(), 'frameport-release-'))
  try {
    const dependencies = await publish(release, registry.url)
    const place = new Place({ name: 'bundled', private: true, type: 'module', dependencies }, {})
    try {
      await install(place, registry.url)
      const results = await useAll(
        place,
        bundlers.filter(({ name }) => chosen.includes(name)),
        backend,
      )
      if (results !== undefined && values.record) record({ bundlers: results })
    } finally {
      place.remove()
    }
  } finally {
    await registry.close()
    rmSync(release, { recursive: true, force: true })
  }
}

async function install(place: Place, registry: string): Promise<void> {
  const [npm] = managers
  if (npm === undefined) throw new Error('there is no package manager')
  const [program, ...args] = npm.install
  const environment = npm.environment(registry, (name) => place.beside(name))
  const installed = await place.run(program, args, environment)
  if (installed.code !== 0) throw new Error(`npm install failed: ${installed.stderr}`)
}

/** The results; undefined if something failed, which was reported and is the exit code of the process. */
async function useAll(
  place: Place,
  chosen: readonly Bundler[],
  backend: string,
): Promise<readonly BundlerResult[] | undefined> {
  let failures = 0
  const bundles = new Map<Bundler, readonly Bundle[]>()
  for (const bundler of chosen) {
    const made: Bundle[] = []
    for (const format of ['ESM', 'CommonJS'] as const) {
      const { bundle, warnings } = await make(bundler, format, place)
      made.push(bundle)
      const ours = warnings.filter((warning) => warning.includes('@frameport/'))
      const nothing = { code: 0, stdout: '', stderr: ours.join('\n') }
      if (ours.length > 0) failures += told(`${bundler.name}, ${format}: its build warns of us`, nothing)
    }
    bundles.set(bundler, made)
  }
  const around = moved(place, backend)
  const results: BundlerResult[] = []
  for (const [{ name, version }, made] of bundles)
    for (const bundle of made) {
      failures += await placeEverywhere(`${name}, ${bundle.format}`, bundle, around)
      results.push({ bundledBy: `${name} ${version}`, format: bundle.format, backend })
    }
  if (failures === 0) return results
  process.exitCode = 1
  return undefined
}

/** Run in the folder of the project, as a user does. */
async function make(bundler: Bundler, format: Format, place: Place) {
  copyFileSync(join(place.folder, 'program.mjs'), join(place.folder, 'server.mjs'))
  const warnings = await bundler.bundle(format, place.folder)
  const file = join(place.fresh(), fileOf(format))
  renameSync(join(place.folder, 'dist', fileOf(format)), file)
  return { bundle: { format, file }, warnings }
}

/** Moves the project away from where the bundlers saw it: a bundle usually runs on another machine than the one that made it. */
function moved(place: Place, backend: string): Surroundings {
  const project = place.beside('moved')
  renameSync(place.folder, project)
  const modules = join(project, 'node_modules')
  const addonPackage = '@frameport/iocp-core-linux-x64-gnu'
  const addon = join(place.fresh(), 'frameport.node')
  copyFileSync(join(modules, addonPackage, 'frameport.node'), addon)
  return { place, modules, addon, addonPackage, backend }
}

/** Returns the number of reported failures. */
async function placeEverywhere(label: string, bundle: Bundle, around: Surroundings): Promise<number> {
  let failures = 0
  for (const placement of placements) {
    const ended = await placement.run(bundle, around)
    const failure = placement.failure(ended, around)
    if (failure === undefined) process.stdout.write(`${label}, ${placement.name}: as it should be\n`)
    else failures += told(`${label}, ${placement.name}: ${failure}`, ended)
  }
  return failures
}
