import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Script } from './contestants.ts'

/** The same variable as in the build of the addon. */
const compilerVariable = 'CXX'
const packageFolder = fileURLToPath(new URL('..', import.meta.url))
/** Inside a package, so that the bundled servers find its addon. */
const outputFolderOf = (folder: string) => join(folder, 'build/bench')

export interface Programs {
  readonly load: string
  readonly echo: string
  script(server: Script): string
}

/**
 * Compiles the C++ programs and bundles the servers, so that they run without a loader, like the build of a user.
 * `before` is the root of another checkout, installed and with its addon built. Its servers are bundled too.
 */
export async function buildPrograms(before?: string): Promise<Programs> {
  const outputFolder = outputFolderOf(packageFolder)
  mkdirSync(outputFolder, { recursive: true })
  const servers = join(packageFolder, 'bench/servers')
  const loadFolder = join(packageFolder, 'bench/load')
  const load = join(outputFolder, 'load')
  const echo = join(outputFolder, 'echo')
  compile(load, loadFolder, readdirSync(loadFolder))
  compile(echo, servers, ['echo.cc'])
  await bundle(packageFolder, ['frameport', 'net-coalesced', 'net-corked', 'net-expert', 'bun-listen', 'ws'])
  const otherFolder = before === undefined ? undefined : join(before, 'packages/iocp-core')
  if (otherFolder !== undefined) await bundle(otherFolder, ['frameport'])
  return {
    load,
    echo,
    script({ script, before: ofOther = false }) {
      const folder = ofOther ? otherFolder : packageFolder
      if (folder === undefined) throw new Error('The servers of another checkout were not built.')
      return join(outputFolderOf(folder), `${script}.mjs`)
    },
  }
}

async function bundle(folder: string, scripts: readonly string[]): Promise<void> {
  await build({
    absWorkingDir: folder,
    entryPoints: scripts.map((name) => join(folder, 'bench/servers', `${name}.ts`)),
    outdir: outputFolderOf(folder),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@frameport/source'],
    external: ['ws'],
    logLevel: 'error',
  })
}

/** `files` are sources and headers. Does nothing if the program is newer than all of them. */
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
