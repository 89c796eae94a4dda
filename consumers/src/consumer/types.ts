import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TypesResult } from '../record.ts'
import { managers } from './managers.ts'
import { Place } from './place.ts'
import { dependenciesOn } from './publish.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
/** A separate project with one compiler for each version. */
const compilers = join(root, 'tests/types/compilers')
/** Programs that use contracts, server and client in every way, and wrong uses that must be rejected. */
const programs = join(root, 'tests/types/programs')
/** One that uses the packages of tests. */
const ofTesting = join(root, 'examples/testing-a-server.ts')

/** Every check of a compiler, including the declarations of packages. */
const settings = {
  target: 'es2023',
  lib: ['es2023'],
  types: ['node'],
  noEmit: true,
  allowImportingTsExtensions: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: false,
}

/** How a compiler finds packages: as Node.js does, or as bundlers do. */
const resolutions = {
  nodenext: { module: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}

/**
 * Compiles programs against the packages installed from the registry.
 *
 * @throws Error with the output of a compiler that rejects something
 */
export async function checkTypes(
  registry: string,
  versions: Readonly<Record<string, string>>,
): Promise<readonly TypesResult[]> {
  const { devDependencies } = manifestOf(root)
  const others = ['valibot', '@types/node'].map((name) => [name, devDependencies[name]])
  const ours = dependenciesOn(['client', 'protocol', 'server', 'testing'], versions)
  const dependencies = { ...ours, ...Object.fromEntries(others) }
  const place = new Place({ name: 'types', private: true, type: 'module', dependencies }, {})
  try {
    await install(place, registry)
    const names = readdirSync(programs).filter((name) => name.endsWith('.ts'))
    for (const file of [...names.map((name) => join(programs, name)), ofTesting])
      copyFileSync(file, join(place.folder, basename(file)))
    const results: TypesResult[] = []
    for (const compiler of installedCompilers()) results.push(await compile(place, compiler))
    return results
  } finally {
    place.remove()
  }
}

async function install(place: Place, registry: string): Promise<void> {
  const npm = managers.find(({ name }) => name === 'npm')
  const [program = '', ...args] = npm?.install ?? []
  const installed = await place.run(
    program,
    args,
    npm?.environment(registry, (name) => place.beside(name)),
  )
  if (installed.code !== 0) throw new Error(`the installation of the types failed:\n${installed.stderr}`)
}

async function compile(place: Place, compiler: string): Promise<TypesResult> {
  const { version } = manifestOf(compiler)
  for (const [resolution, how] of Object.entries(resolutions)) {
    const config = `tsconfig.${resolution}.json`
    place.write(config, JSON.stringify({ compilerOptions: { ...settings, ...how }, include: ['*.ts'] }))
    const ended = await place.run('node', [join(compiler, 'bin/tsc'), '-p', config])
    if (ended.code !== 0)
      throw new Error(
        `TypeScript ${version} refuses the types, by ${resolution}:\n${ended.stdout}${ended.stderr}`,
      )
  }
  process.stdout.write(`TypeScript ${version}: ${Object.keys(resolutions).join(', ')}\n`)
  return { compiler: `TypeScript ${version}`, resolutions: Object.keys(resolutions) }
}

/** @throws Error if the project with the compilers is not installed */
function installedCompilers(): readonly string[] {
  const names = Object.keys(manifestOf(compilers).devDependencies)
  const folders = names.map((name) => join(compilers, 'node_modules', name))
  if (folders.every((folder) => existsSync(folder))) return folders
  throw new Error('the compilers are missing: npm ci --ignore-scripts --prefix tests/types/compilers')
}

function manifestOf(folder: string) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly version: string
    readonly devDependencies: Readonly<Record<string, string>>
  }
}
