import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Report } from './program.ts'

const packageFolder = fileURLToPath(new URL('../../', import.meta.url))
const program = fileURLToPath(new URL('program.ts', import.meta.url))

/** The addon that `npm ci` builds here. */
export const builtAddon = join(packageFolder, `build/${process.platform}-${process.arch}/frameport.node`)

export interface Place {
  readonly folder: string
  remove(): void
}

/** A folder from which the package can be found (`beside`), or one from which it cannot (`away`). */
export function makePlace(where: 'beside' | 'away'): Place {
  const parent = where === 'away' ? tmpdir() : join(packageFolder, 'build')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'frameport-embedding-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Bundles the program and the package into one file. `version` is the version of the package in the bundle. */
export async function bundle(place: Place, format: 'cjs' | 'esm', version?: string): Promise<string> {
  const outfile = join(place.folder, format === 'cjs' ? 'bundle.cjs' : 'bundle.mjs')
  await build({
    entryPoints: [program],
    outfile,
    bundle: true,
    platform: 'node',
    format,
    conditions: ['@frameport/source'],
    define: version === undefined ? {} : { FRAMEPORT_CORE_VERSION: JSON.stringify(version) },
    // esbuild warns that import.meta is empty in a CommonJS bundle, but that is the case under test.
    logLevel: 'error',
  })
  return outfile
}

/** Compiles each source to CommonJS by itself, as the transforms of jest do. */
export async function transformEach(place: Place): Promise<string> {
  const sources = readdirSync(join(packageFolder, 'src'), { recursive: true, encoding: 'utf8' })
  await build({
    entryPoints: [
      program,
      ...sources
        .filter((file) => file.endsWith('.ts') && !file.startsWith('doctor'))
        .map((file) => join(packageFolder, 'src', file)),
    ],
    outdir: place.folder,
    outbase: packageFolder,
    // Imports keep the names of the sources, so the files keep them too; node runs them through a one-line hook.
    outExtension: { '.js': '.ts' },
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  })
  return join(place.folder, 'test/embedding/program.ts')
}

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command of any runtime to its end. */
export function run(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const env = { ...process.env, NODE_OPTIONS: '', FRAMEPORT_ADDON: '', FRAMEPORT_BACKEND: '', ...environment }
  return new Promise((resolve) => {
    execFile(command, args, { env, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    })
  })
}

/** Returns the report of the program. If it failed, throws an error with its stderr. */
export function reportOf({ code, stdout, stderr }: Ended): Report {
  if (code !== 0) throw new Error(`the program ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as Report
}

/** Writes a file into a place, for one test. */
export function writeInto(place: Place, name: string, text: string): string {
  const file = join(place.folder, name)
  writeFileSync(file, text)
  return file
}
