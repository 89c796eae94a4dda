// Fuzzes the engine over the fake kernel: see docs/adr/0019.
//   node fuzz.mjs [--backend NAME]… [--seed N] [--steps N]     one run over each back end; N steps in all
//   node fuzz.mjs --seeded [NAME]… [--steps N]                 each seeded fault has to be found within N steps
// A failing run prints the line that replays it.
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { buildFuzzer } from './fuzz/build.mjs'
import { buildFault, faults } from './fuzz/faults.mjs'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    backend: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: '10000' },
    steps: { type: 'string' },
    seeded: { type: 'boolean', default: false },
  },
})

/** Of all steps; io_uring has more states. */
const shares = { io_uring: 0.7, epoll: 0.3 }
const stepsByDefault = 1_000_000
/** A seeded fault that takes more is one that the fuzzer could miss. */
const stepsToFault = 100_000

/** Runs the program. Returns its exit code and what it said. */
function execute(program, backend, seed, steps) {
  const child = spawn(program, ['--backend', backend, '--seed', String(seed), '--steps', String(steps)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, UBSAN_OPTIONS: 'print_stacktrace=1', ASAN_OPTIONS: 'detect_leaks=1' },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code: signal ?? code, output })),
  )
}

async function runClean() {
  const { program } = await buildFuzzer()
  const backends = options.backend.length === 0 ? Object.keys(shares) : options.backend
  const sum = backends.reduce((total, name) => total + shares[name], 0)
  const runs = backends.map(async (name) => {
    const steps = Math.round((Number(options.steps ?? stepsByDefault) * shares[name]) / sum)
    const { code, output } = await execute(program, name, options.seed, steps)
    process.stdout.write(code === 0 ? output : `${output.split('\n').slice(-120).join('\n')}\nexit ${code}\n`)
    return code === 0
  })
  return (await Promise.all(runs)).every(Boolean)
}

async function findFault(name) {
  const steps = Number(options.steps ?? stepsToFault)
  const program = await buildFault(name)
  const found = []
  for (const backend of faults[name].backends) {
    const { code, output } = await execute(program, backend, options.seed, steps)
    const step = output.match(/found at step (\d+)/)?.[1]
    const sentence =
      output.match(/^(?:fuzz: (?!found)|frameport: |.*runtime error: |.*ERROR: ).*$/m)?.[0] ?? ''
    const seen = code !== 0 && step !== undefined
    found.push(seen)
    const verdict = seen ? `found at step ${step}: ${sentence}` : `not found within ${steps} steps`
    process.stdout.write(`${seen ? 'passed' : 'failed'} ${name} (${backend}): ${verdict}\n`)
  }
  return found.every(Boolean)
}

async function runSeeded() {
  const names = positionals.length === 0 ? Object.keys(faults) : positionals
  let good = true
  for (const name of names) good = (await findFault(name)) && good
  return good
}

const good = await (options.seeded ? runSeeded() : runClean())
process.exitCode = good ? 0 : 1
