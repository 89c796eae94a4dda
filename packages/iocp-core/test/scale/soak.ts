import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { probe } from '../../src/index.ts'

const usage = `usage: soak [--native | --backend NAME...] [--cycles N] [--connections N] [--terminations N] [--leave N]

  --backend       a back end; may be given several times; default: every one that works here
  --native        every native back end that works here
  --cycles        opens and closes N connections, 64 at a time
  --connections   holds N connections between two processes and echoes over each
  --terminations  starts N worker threads and terminates them with I/O in flight
  --leave         leaves N connections open, to see that it is noticed

Each prints a line; the exit code is 1 when something is left.
`

/** The programs. Each runs in its own process, so that their memory is measured separately. */
const programs = {
  cycles: './cycles.ts',
  connections: './hold.ts',
  terminations: '../native/children/terminate-workers.ts',
} as const

function readArguments() {
  const { values } = parseArgs({
    options: {
      backend: { type: 'string', multiple: true },
      native: { type: 'boolean', default: false },
      cycles: { type: 'string' },
      connections: { type: 'string' },
      terminations: { type: 'string' },
      leave: { type: 'string', default: '0' },
    },
  })
  const counts = [values.cycles, values.connections, values.terminations].filter(
    (count) => count !== undefined,
  )
  if (counts.length === 0)
    throw new Error('one of --cycles, --connections and --terminations says what to do')
  if (![...counts, values.leave].every((count) => /^\d+$/.test(count))) throw new Error('N is a whole number')
  if (counts.includes('0')) throw new Error('nothing to do 0 times')
  const works = probe().flatMap(({ backend, available }) => (available ? [backend as string] : []))
  const absent = values.backend?.find((backend) => !works.includes(backend))
  if (absent !== undefined) throw new Error(`${absent} is none of the back ends here: ${works.join(', ')}`)
  if (values.native && values.backend !== undefined)
    throw new Error('--native and --backend exclude each other')
  const natives = works.filter((backend) => backend !== 'net')
  // A run without a back end must not look like a success.
  if (values.native && natives.length === 0) throw new Error('no native back end works here')
  return { ...values, backends: values.backend ?? (values.native ? natives : works) }
}

function run(program: string, programArguments: readonly string[]): Promise<boolean> {
  const file = fileURLToPath(new URL(program, import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, file, ...programArguments], {
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code === 0))
  })
}

let options: ReturnType<typeof readArguments>
try {
  options = readArguments()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${usage}`)
  process.exit(2)
}
for (const backend of options.backends) {
  for (const task of ['cycles', 'connections', 'terminations'] as const) {
    const count = options[task]
    if (count === undefined) continue
    if (await run(programs[task], [backend, count, options.leave])) continue
    process.stderr.write(`failed: ${task} ${count} on ${backend}\n`)
    process.exitCode = 1
  }
}
