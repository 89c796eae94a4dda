import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchmarksFolder } from '../bundle.ts'

/** As for the addon. */
const compilerVariable = 'CXX'
export const compiler: string = process.env[compilerVariable] ?? 'g++'

/** A program of `native/` and the shipping sources of the engine that it is linked with. */
interface Harness {
  readonly name: string
  /** Its includes. A checkout without it, or without one of the sources, has nothing to measure. */
  readonly header: string
  readonly sources: readonly string[]
}

export const harnesses: readonly Harness[] = [
  {
    name: 'send_queue',
    header: 'engine/send_queue.h',
    sources: ['engine/send_queue.cc', 'engine/chunk_memory.cc', 'base/check.cc'],
  },
  { name: 'batch_table', header: 'engine/batch_table.h', sources: ['base/check.cc'] },
  { name: 'linked_list', header: 'base/linked_list.h', sources: ['base/check.cc'] },
]

/** The paths of sources in checkouts from before a move. */
const olderPlaces: Readonly<Record<string, string>> = { 'base/check.cc': 'check.cc' }

const rounds = 2000

/**
 * Instructions of one round of a harness over the engine's sources of a checkout, as callgrind counts them: the same
 * for the same sources and compiler. Undefined if the checkout has no such source.
 */
export function countInstructions({ name, header, sources }: Harness, checkout: string): number | undefined {
  const native = join(checkout, 'packages/iocp-core/native')
  const placeOf = (file: string) =>
    [file, olderPlaces[file] ?? file].find((path) => existsSync(join(native, path)))
  const found = sources.map(placeOf)
  if (placeOf(header) === undefined || !found.every((file) => file !== undefined)) return undefined
  const hash = createHash('sha256').update(checkout).digest('hex').slice(0, 12)
  const folder = join(benchmarksFolder, 'build', `native-${hash}`)
  mkdirSync(folder, { recursive: true })
  const program = join(folder, name)
  const own = ['main.cc', `${name}.cc`].map((file) => join(benchmarksFolder, 'native', file))
  const flags = ['-std=c++17', '-O2', '-g', '-fno-rtti', '-Wall', '-Wextra', '-Werror', '-I', native]
  const files = [...own, ...found.map((file) => join(native, file))]
  execFileSync(compiler, [...flags, '-o', program, ...files], { stdio: 'inherit' })
  return underCallgrind(program) / rounds
}

function underCallgrind(program: string): number {
  const output = `${program}.callgrind`
  const tool = ['--tool=callgrind', '--collect-atstart=no', '--toggle-collect=measured']
  execFileSync('valgrind', [...tool, `--callgrind-out-file=${output}`, program, String(rounds)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return instructionsOf(readFileSync(output, 'utf8'))
}

/** @throws Error for an output without a total, or with a total of zero */
export function instructionsOf(output: string): number {
  const total = Number(/^(?:totals|summary): (\d+)$/m.exec(output)?.[1])
  if (!(total > 0)) throw new Error('callgrind counted no instruction.')
  return total
}
