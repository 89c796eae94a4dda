import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { benchmarksFolder } from './bundle.ts'
import { conditions, requireLinux } from './conditions.ts'
import { numberOf } from './guard-options.ts'
import { buildScalePrograms, scaleContestants } from './scale/contestants.ts'
import { type ConnectionFigures, measureConnections } from './scale/measure-connections.ts'
import { type EventFigures, measureEvents } from './scale/measure-events.ts'
import { measureHeartbeats } from './scale/measure-heartbeats.ts'
import { connectionTable, eventTable, heartbeatTable } from './scale/scale-tables.ts'
import { addonVariable, readSide } from './side.ts'
import { rotated } from './statistics.ts'
import { asMarkdown, asText } from './table.ts'

/** `npm run bench:scale`: the figures of docs/scaling.md that no other command prints. */

const usage = `npm run bench:scale -- [options]

Memory and CPU time of many connections, of their heartbeats, and of events between servers. About eight minutes.

  --quick            half a minute, with figures that say nothing: works everything?
  --rounds N         rounds, each with new processes (3)
  --connections N    of each server (4000)
  --idle N           sessions whose heartbeats are measured (1000)
  --idle-ms N        for so long (30000, two heartbeats)
  --events N         events that are published one at a time; eight times as many with 64 in flight (1000)
  --only TEXT        contestants whose names have this text, as 'session, io_uring'
  --without PART     leaves out connections, heartbeats or events; may be given several times
`
const root = fileURLToPath(new URL('../..', import.meta.url))

function add<T>(to: Map<string, T[]>, name: string, figures: T): void {
  const rounds = to.get(name)
  if (rounds === undefined) to.set(name, [figures])
  else rounds.push(figures)
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      connections: { type: 'string' },
      idle: { type: 'string' },
      'idle-ms': { type: 'string' },
      events: { type: 'string' },
      only: { type: 'string', default: '' },
      without: { type: 'string', multiple: true, default: [] },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  requireLinux()
  const defaults = values.quick
    ? { rounds: '1', connections: '200', idle: '100', 'idle-ms': '1000', events: '100' }
    : { rounds: '3', connections: '4000', idle: '1000', 'idle-ms': '30000', events: '1000' }
  const of = (name: keyof typeof defaults) => numberOf(`--${name}`, values[name] ?? defaults[name], 1)
  const [rounds, connections, idle, events] = [of('rounds'), of('connections'), of('idle'), of('events')]
  const isMeasured = (part: string) => !values.without.includes(part)
  process.stdout.write(conditions())
  const programs = await buildScalePrograms(addonVariable(readSide('ours', root)))
  const contestants = scaleContestants.filter(({ name }) => name.includes(values.only))
  if (contestants.length === 0) throw new RangeError(`No contestant has the text ${values.only} in its name.`)
  const sessions = contestants.filter(({ kind }) => kind === 'session')
  const byConnection = new Map<string, ConnectionFigures[]>()
  const byHeartbeat = new Map<string, number[]>()
  const byEvent = new Map<string, EventFigures[]>()
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`)
    const order = isMeasured('connections') ? rotated(contestants, round) : []
    for (const contestant of order) {
      const size = { connections, callMs: values.quick ? 200 : 1000 }
      const figures = await measureConnections(programs.connections(contestant), contestant, size)
      add(byConnection, contestant.name, figures)
    }
    if (isMeasured('events'))
      for (const figures of await measureEvents(programs.events, events))
        add(byEvent, `${figures.name}, ${figures.inFlight}`, figures)
  }
  if (isMeasured('heartbeats')) {
    const running = sessions.map((each) => programs.connections(each))
    const figures = await measureHeartbeats(running, { connections: idle, ms: of('idle-ms') })
    for (const [at, { name }] of sessions.entries()) add(byHeartbeat, name, figures[at]!)
  }
  const tables = [
    ...(byConnection.size > 0 ? [connectionTable(connections, byConnection)] : []),
    ...(byHeartbeat.size > 0 ? [heartbeatTable(idle, byHeartbeat)] : []),
    ...(byEvent.size > 0 ? [eventTable(byEvent)] : []),
  ]
  process.stdout.write(`${tables.map(asText).join('\n')}\n`)
  const folder = join(benchmarksFolder, 'build/results')
  mkdirSync(folder, { recursive: true })
  const markdown = tables.map((table) => `### ${table.title}\n\n${asMarkdown(table)}`)
  writeFileSync(join(folder, 'scale.md'), markdown.join('\n'))
}

try {
  await run()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 2
}
