import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npmNode } from '../npm-files.ts'

/** A program that runs JavaScript for servers. */
export interface Runtime {
  readonly name: 'Node.js' | 'Bun' | 'Deno'
  /** The version, with the system on which it runs. */
  readonly version: string
  /** The command before the file. */
  readonly command: readonly [program: string, ...args: string[]]
  /** The addon that it loads, as `release:pack` names it. */
  readonly target: string
  /** The back ends that can run there. */
  readonly backends: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** The oldest that is supported, the two long-term lines above it, and the newest. */
const nodeVersions = ['20.19.0', '22.23.3', '24.21.0', '26.12.1']
const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url))

/** Runs programs for arm64 here, with the packages qemu-user and g++-aarch64-linux-gnu of Debian. It has no io_uring. */
const emulator = ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'] as const
const arm64 = 'node-24.21.0-arm64'

/** All of them, without installing any. */
export const runtimeNames: readonly string[] = [
  ...nodeVersions.map((version) => `node-${version}`),
  'bun',
  'deno',
  arm64,
]

/** The name of a runtime; `node-26` is the one of that line. */
export function runtimeNamed(name: string): string | undefined {
  return runtimeNames.includes(name) ? name : runtimeNames.find((known) => known.startsWith(`${name}.`))
}

const onThis = ' on Linux x64'
const here = { target: 'linux-x64-gnu', backends: ['net', 'epoll', 'io_uring'], environment: {} }

/** Installs a runtime by its name. @throws Error if the registry does not have it, or cannot be reached */
export function bringRuntime(name: string): Runtime {
  if (name === 'bun') return ofModule('Bun', '@oven/bun-linux-x64/bin/bun', [], ['--version'])
  if (name === 'deno')
    return ofModule(
      'Deno',
      '@deno/linux-x64-glibc/deno',
      ['run', '--allow-all'],
      ['eval', 'console.log(Deno.version.deno)'],
    )
  if (name === arm64) {
    const program = npmNode('linux-arm64', '24.21.0')
    return {
      name: 'Node.js',
      version: '24.21.0 on Linux arm64 (qemu)',
      command: [...emulator, program],
      target: 'linux-arm64-gnu',
      backends: ['net', 'epoll'],
      environment: { FRAMEPORT_CONFORMANCE_EMULATOR: emulator.join(' ') },
    }
  }
  const version = name.replace('node-', '')
  return {
    name: 'Node.js',
    version: `${version}${onThis}`,
    command: [npmNode('linux-x64', version)],
    ...here,
  }
}

function ofModule(
  name: Runtime['name'],
  file: string,
  args: readonly string[],
  asks: readonly string[],
): Runtime {
  const program = join(modules, file)
  // npm sets this permission when the package's script runs, but scripts are off.
  chmodSync(program, 0o755)
  const version = execFileSync(program, asks, { encoding: 'utf8' }).trim()
  return { name, version: `${version}${onThis}`, command: [program, ...args], ...here }
}
