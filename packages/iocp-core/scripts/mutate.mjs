// Draws mutations of lines of the engine and of io_uring and looks who notices each: the fuzzer, and otherwise the
// conformance suite over an addon with the mutation. See docs/adr/0019.
//   node mutate.mjs [--count N] [--seed N] [--least N] [--steps N] [--list]
// --steps: of the fuzzer for each back end. --least: so many have to be noticed, in 30. --list: draws only.
import { execFile, execFileSync } from 'node:child_process'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageFolder } from './addon-variants.mjs'
import { buildPatched } from './fuzz/build.mjs'
import { allMutations, randomFrom } from './fuzz/mutations.mjs'
import { bundlePrograms } from './sanitize/programs.mjs'
import { buildAddon, runProgram } from './sanitize/run.mjs'

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    least: { type: 'string', default: '27' },
    steps: { type: 'string', default: '150000' },
    list: { type: 'boolean', default: false },
  },
})

const minutes = 60_000

/** Different lines in an order that the seed decides: more than are wanted, because not every one compiles. */
function draw() {
  const random = randomFrom(Number(options.seed))
  const all = allMutations()
  const drawn = []
  const lines = new Set()
  while (drawn.length < Number(options.count) * 3) {
    const mutation = all[Math.floor(random() * all.length)]
    const line = `${mutation.file}:${mutation.line}`
    if (!lines.has(line)) drawn.push(mutation)
    lines.add(line)
  }
  return drawn
}

function sentenceOf(output) {
  return (
    output.match(/^(?:fuzz: (?!found)|frameport: |.*runtime error: |.*ERROR: ).*$/m)?.[0] ?? 'it does not end'
  )
}

function runFuzzer(program, backend) {
  const words = ['--backend', backend, '--steps', options.steps]
  return new Promise((resolve) =>
    execFile(program, words, { timeout: 10 * minutes, maxBuffer: 1 << 26 }, (error, _, stderr) =>
      resolve(error === null ? undefined : `the fuzzer (${backend}): ${sentenceOf(stderr)}`),
    ),
  )
}

async function noticedByFuzzer(program, file) {
  const backends = file.startsWith('engine/') ? ['io_uring', 'epoll'] : ['io_uring']
  return (await Promise.all(backends.map((backend) => runFuzzer(program, backend)))).find(Boolean)
}

/** Objects of sources that are as they were are used again: everything keeps its time. */
function buildMutatedAddon({ file, text }) {
  buildAddon('release')
  const tree = join(packageFolder, 'build', 'fuzz', 'trees', `mutated-addon-${options.seed}`)
  rmSync(tree, { recursive: true, force: true })
  for (const part of ['native', 'scripts', join('build', 'objects', 'release')]) {
    cpSync(join(packageFolder, part), join(tree, part), { recursive: true, preserveTimestamps: true })
  }
  writeFileSync(join(tree, 'native', file), text)
  execFileSync(process.execPath, [join(tree, 'scripts', 'build-addon.mjs')], { stdio: 'pipe' })
  return join(tree, 'build', `${process.platform}-${process.arch}`, 'frameport.node')
}

async function noticedBySuite(mutation) {
  const addon = buildMutatedAddon(mutation)
  const backends = mutation.file.startsWith('engine/') ? ['io_uring', 'epoll'] : ['io_uring']
  for (const backend of backends) {
    const run = { variant: 'release', addon, program: 'suite', backend, timeScale: '3', cases: [] }
    const { failed, output } = await runProgram(run)
    const which = output.match(/^(?:not ok|failed|✖).*$/m)?.[0] ?? output.trim().split('\n').at(-1)
    if (failed) return `the suite (${backend}): ${which}`
  }
  return undefined
}

async function judge(mutation) {
  let program
  try {
    program = await buildPatched(`mutation-${options.seed}`, { [mutation.file]: mutation.text })
  } catch (error) {
    if (error.stderr === undefined) throw error
    return 'does not compile'
  }
  return (await noticedByFuzzer(program, mutation.file)) ?? (await noticedBySuite(mutation)) ?? 'nobody'
}

const drawn = draw()
const counts = { tried: 0, noticed: 0 }
if (!options.list) await bundlePrograms()
for (const mutation of drawn) {
  if (counts.tried === Number(options.count)) break
  const { file, line, before, after } = mutation
  const change = `${file}:${line}\n    - ${before}\n    + ${after}\n`
  if (options.list) {
    process.stdout.write(change)
    continue
  }
  const by = await judge(mutation)
  if (by === 'does not compile') continue
  counts.tried++
  if (by !== 'nobody') counts.noticed++
  process.stdout.write(`${counts.tried} ${change}    ${by === 'nobody' ? 'SURVIVED' : 'noticed by'} ${by}\n`)
}
if (!options.list) {
  process.stdout.write(`${counts.noticed} of ${counts.tried} mutations were noticed\n`)
  if (counts.noticed < (Number(options.least) * counts.tried) / 30) process.exitCode = 1
}
