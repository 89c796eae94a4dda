import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** As for the addon. */
const compilerVariable = 'CXX'
const benchFolder = fileURLToPath(new URL('.', import.meta.url))
/** Inside the package, so that the bundled servers find its addon. */
const outputFolder = fileURLToPath(new URL('../build/bench/', import.meta.url))

export interface Programs {
  readonly load: string
  readonly echo: string
  script(name: string): string
}

/** Compiles the programs in C++ and bundles the servers, which then run as a user's build does: without a loader. */
export async function buildPrograms(): Promise<Programs> {
  mkdirSync(outputFolder, { recursive: true })
  const servers = join(benchFolder, 'servers')
  const loadFolder = join(benchFolder, 'load')
  const load = join(outputFolder, 'load')
  const echo = join(outputFolder, 'echo')
  compile(load, loadFolder, readdirSync(loadFolder))
  compile(echo, servers, ['echo.cc'])
  await build({
    entryPoints: ['frameport', 'net-coalesced', 'net-corked', 'ws'].map((name) =>
      join(servers, `${name}.ts`),
    ),
    outdir: outputFolder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@frameport/source'],
    external: ['ws'],
    logLevel: 'error',
  })
  return { load, echo, script: (name) => join(outputFolder, `${name}.mjs`) }
}

/** Files are sources and headers; nothing is done when the program is newer than all of them. */
function compile(program: string, folder: string, files: readonly string[]): void {
  const paths = files.map((file) => join(folder, file))
  const changedAt = Math.max(...paths.map((path) => statSync(path).mtimeMs))
  if ((statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0) > changedAt) return
  const sources = paths.filter((path) => path.endsWith('.cc'))
  const flags = ['-std=c++17', '-O2', '-Wall', '-Wextra', '-Werror']
  execFileSync(process.env[compilerVariable] ?? 'g++', [...flags, '-o', program, ...sources], {
    stdio: 'inherit',
  })
}
