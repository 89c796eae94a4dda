import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { WorkDone } from '../support/messages.ts'
import { type Spread, workersVariable } from '../support/pool/messages.ts'
import type { RoomTalk } from '../support/room/program.ts'
import { benchmarksFolder } from './bundle.ts'
import { buildPrograms } from './comparison/build-programs.ts'
import { packOurs } from './comparison/pack-ours.ts'
import { conditions, requireLinux } from './conditions.ts'
import { numberOf } from './guard-options.ts'
import { aimsOf, type PoolRun, type PoolSlice, poolTable } from './pool/pool-table.ts'
import { type Pair, type Program, withPairs } from './program-pair.ts'
import { addonVariable, readSide } from './side.ts'
import { rotated } from './statistics.ts'
import { asMarkdown, asText } from './table.ts'

/** `npm run bench:workers`: one worker thread compared with two, for the same CPU time of the server. */

const usage = `npm run bench:workers -- [options]

  --members N      connections that are subscribed (1000)
  --per-second N   lines a second that each of them gets (50)
  --ms N           time of a slice (500)
  --warm-up-ms N   time in which a worker makes calls before it is measured (4000)
  --rounds N       rounds, each with new processes (2)
  --slices N       slices of each contestant in a round (8)
  --back-end NAME  io_uring or epoll (io_uring)
  --quick          one round of two short slices: whether everything works, and how connections spread
`

const root = fileURLToPath(new URL('../..', import.meta.url))
const twoWorkers = 'two workers'
const contestants = [
  { name: 'one worker', workers: 1 },
  { name: twoWorkers, workers: 2 },
  { name: 'one worker (twin)', workers: 1 },
]

interface PoolOptions {
  readonly members: number
  readonly perSecond: number
  readonly ms: number
  readonly warmUpMs: number
  readonly rounds: number
  readonly slices: number
  readonly backEnd: string
  readonly isQuick: boolean
}

/** Undefined if only the usage was requested. */
function readOptions(): PoolOptions | undefined {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      members: { type: 'string', default: '1000' },
      'per-second': { type: 'string', default: '50' },
      ms: { type: 'string' },
      'warm-up-ms': { type: 'string' },
      rounds: { type: 'string' },
      slices: { type: 'string' },
      'back-end': { type: 'string', default: 'io_uring' },
    },
  })
  if (values.help) return undefined
  const { quick: isQuick } = values
  return {
    members: numberOf('--members', values.members, 1),
    perSecond: numberOf('--per-second', values['per-second'], 1),
    ms: numberOf('--ms', values.ms ?? (isQuick ? '400' : '500'), 1),
    warmUpMs: numberOf('--warm-up-ms', values['warm-up-ms'] ?? (isQuick ? '400' : '4000'), 1),
    rounds: numberOf('--rounds', values.rounds ?? (isQuick ? '1' : '2'), 1),
    slices: numberOf('--slices', values.slices ?? (isQuick ? '2' : '8'), 1),
    backEnd: values['back-end'],
    isQuick,
  }
}

async function buildPool({ backEnd, members }: PoolOptions): Promise<Program[]> {
  const sources: Readonly<Record<string, readonly string[]>> = {
    pool: [
      `import { runPool } from './support/pool/program.ts'`,
      `await runPool(new URL('./pool-worker.mjs', import.meta.url))`,
    ],
    'pool-worker': [`import { runWorker } from './support/pool/worker.ts'`, 'await runWorker()'],
  }
  const fileOf = await buildPrograms(Object.keys(sources), packOurs('packed-pool'), (name) => sources[name]!)
  const addon = addonVariable(readSide('ours', root))
  return contestants.map(({ name, workers }) => ({
    name,
    file: fileOf('pool'),
    variables: {
      NODE_ENV: 'production',
      FRAMEPORT_BACKEND: backEnd,
      FRAMEPORT_RESUME: 'off',
      [workersVariable]: String(workers),
      ...addon,
    },
    clientArgs: [String(members)],
    folder: benchmarksFolder,
  }))
}

async function measureSlice({ server, client }: Pair, ms: number, perSecond: number): Promise<PoolSlice> {
  const timed = async <Done>(question: object): Promise<Done & { serverNs: number }> => {
    const before = server.cpuNs()
    const done = (await client.ask(question as never)) as Done
    return { ...done, serverNs: server.cpuNs() - before }
  }
  return {
    calls: await timed<WorkDone>({ ask: 'calls', ms }),
    room: await timed<RoomTalk>({ ask: 'talk', perSecond, ms }),
  }
}

async function measure(programs: readonly Program[], options: PoolOptions): Promise<Map<string, PoolRun>> {
  const { rounds, slices, ms, warmUpMs, perSecond } = options
  const runs = new Map(
    programs.map(({ name }) => [name, { slices: [] as PoolSlice[], spreads: [] as Spread[] }]),
  )
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`)
    await withPairs(programs, async (pairs) => {
      const running = programs.map(({ name }, at) => ({ ...runs.get(name)!, pair: pairs[at]! }))
      for (const { pair, spreads } of running)
        spreads.push((await pair.server.ask({ ask: 'spread' } as never)) as Spread)
      for (const [at, { pair }] of running.entries()) {
        // Each thread compiles for itself, and two of them share the core.
        await pair.client.ask({ ask: 'calls', ms: warmUpMs * contestants[at]!.workers } as never)
        await measureSlice(pair, ms, perSecond)
      }
      for (let slice = 0; slice < slices; slice++) {
        for (const { pair, slices: own } of rotated(running, round + slice))
          own.push(await measureSlice(pair, ms, perSecond))
      }
    })
  }
  return runs
}

async function run(): Promise<void> {
  const options = readOptions()
  if (options === undefined) {
    process.stdout.write(usage)
    return
  }
  requireLinux()
  process.stdout.write(conditions())
  const runs = await measure(await buildPool(options), options)
  const { members, perSecond, backEnd, isQuick } = options
  const title = `Workers on ${backEnd}: calls over 64 connections, and ${perSecond} lines a second to ${members.toLocaleString('en')} members`
  const table = poolTable(title, runs)
  const aims = aimsOf(twoWorkers, runs)
  process.stdout.write(`${asText(table)}\n${aims.map(({ text }) => `${text}\n`).join('')}`)
  const folder = join(benchmarksFolder, 'build/results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'workers.md'), asMarkdown(table))
  writeFileSync(join(folder, 'workers.json'), `${JSON.stringify(Object.fromEntries(runs), null, 1)}\n`)
  // Short slices make a ratio inaccurate, and the spread does not depend on time.
  const counted = isQuick ? aims.slice(-1) : aims
  if (counted.some(({ isReached }) => !isReached)) process.exitCode = 1
}

try {
  await run()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 2
}
