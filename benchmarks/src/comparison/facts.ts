import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { benchmarksFolder } from '../bundle.ts'
import { clientCore, serverCore } from '../cores.ts'
import { nodeFlagsOfAllocation } from '../figures/allocation.ts'
import { type Entry, flagsOfBun } from './contestants.ts'
import { nodeFlagsOfIdle } from './measure-memory.ts'
import type { ComparisonOptions } from './options.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The facts that are needed to repeat a run. */
export function factsOf(options: ComparisonOptions) {
  return {
    at: new Date().toISOString(),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    zod: versionOf(join(root, 'node_modules/zod')),
    commit: commit(),
    loadAverageBefore: loadavg()[0],
    serverCore,
    clientCore,
    /** In addition to those of the contestant, in the measurements of memory. */
    nodeFlags: { bytesOfCall: nodeFlagsOfAllocation, idle: nodeFlagsOfIdle },
    options: {
      ...options,
      rows: options.rows.map(({ name }) => name),
      entries: undefined,
      folder: undefined,
    },
    contestants: options.entries.map((entry) => ({
      key: entry.key,
      name: entry.name,
      setUp: `benchmarks/rivals/${entry.file}.ts`,
      runtime: entry.runtime,
      flags: entry.runtime === 'bun' ? flagsOfBun : [],
      variables: { NODE_ENV: 'production', ...entry.variables },
      versions: versionsOf(entry),
    })),
  }
}

function versionsOf({ packages }: Entry): Readonly<Record<string, string>> {
  return Object.fromEntries(
    packages.map((name) => [name, versionOf(join(benchmarksFolder, 'node_modules', name))]),
  )
}

function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version
}

/** The commit of the packed sources; undefined outside of a clone. */
function commit(): string | undefined {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain', 'packages') === '' ? '' : ' and changes')
  } catch {
    return undefined
  }
}
