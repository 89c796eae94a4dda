import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { RoomTalk } from '../support/room/program.ts'
import { benchmarksFolder } from './bundle.ts'
import { buildPrograms } from './comparison/build-programs.ts'
import { packOurs } from './comparison/pack-ours.ts'
import { conditions, requireLinux } from './conditions.ts'
import { numberOf } from './guard-options.ts'
import { type Program, withPairs } from './program-pair.ts'
import { profileRoom } from './room/profile-room.ts'
import { type RoomSlice, roomTable } from './room/room-table.ts'
import { addonVariable, readSide } from './side.ts'
import { rotated } from './statistics.ts'
import { asMarkdown, asText } from './table.ts'

/** `npm run bench:room`: one room with many members, compared with Socket.IO and ws, at the same number of lines a second. */

const usage = `npm run bench:room -- [options]

  --members N      members of the room (1000)
  --per-second N   lines a second (100)
  --ms N           time of a slice (2000)
  --rounds N       rounds, each with new processes (5)
  --slices N       slices of each contestant in a round (2)
  --profile        samples the server of each contestant in one slice with perf instead, and prints where its CPU time goes
`

const root = fileURLToPath(new URL('../..', import.meta.url))
const ours = (backEnd: string) => ({
  name: `Frameport, ${backEnd}`,
  room: 'ours',
  variables: { FRAMEPORT_BACKEND: backEnd, FRAMEPORT_RESUME: 'off' },
})
const contestants = [
  ours('io_uring'),
  ours('epoll'),
  ours('net'),
  { name: 'Socket.IO', room: 'socket-io', variables: {} },
  { name: 'ws by hand', room: 'ws', variables: {} },
  { ...ours('io_uring'), name: 'Frameport, io_uring (twin)' },
]

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      members: { type: 'string', default: '1000' },
      'per-second': { type: 'string', default: '100' },
      ms: { type: 'string', default: '2000' },
      rounds: { type: 'string', default: '5' },
      slices: { type: 'string', default: '2' },
      profile: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  requireLinux()
  const members = numberOf('--members', values.members, 1)
  const question = {
    ask: 'talk',
    perSecond: numberOf('--per-second', values['per-second'], 1),
    ms: numberOf('--ms', values.ms, 1),
  } as const
  process.stdout.write(conditions())
  const rooms = [...new Set(contestants.map(({ room }) => room))]
  const fileOf = await buildPrograms(rooms, packOurs('packed-room'), (room) => [
    `import { contestant, openMember } from './rooms/${room}.ts'`,
    `import { runRoom } from './support/room/program.ts'`,
    'await runRoom(contestant, openMember)',
  ])
  const addon = addonVariable(readSide('ours', root))
  const programs = contestants.map(
    ({ name, room, variables }): Program => ({
      name,
      file: fileOf(room),
      variables: { NODE_ENV: 'production', FRAMEPORT_BENCH_HEARTBEATS: 'off', ...addon, ...variables },
      clientArgs: [String(members)],
      folder: benchmarksFolder,
    }),
  )
  if (values.profile) {
    for (const program of programs) process.stdout.write(await profileRoom(program, question))
    return
  }
  const slices = new Map<string, RoomSlice[]>(programs.map(({ name }) => [name, []]))
  const rounds = numberOf('--rounds', values.rounds, 1)
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`)
    await withPairs(programs, async (pairs) => {
      const running = programs.map(({ name }, at) => ({ name, ...pairs[at]! }))
      for (const { client } of running) await client.ask({ ...question, ms: question.ms / 2 } as never)
      for (let slice = 0; slice < numberOf('--slices', values.slices, 1); slice++) {
        for (const { name, server, client } of rotated(running, round + slice)) {
          const [serverNs, clientNs] = [server.cpuNs(), client.cpuNs()]
          const talk = (await client.ask(question as never)) as RoomTalk
          slices.get(name)!.push({
            ...talk,
            serverNs: server.cpuNs() - serverNs,
            clientNs: client.cpuNs() - clientNs,
            residentBytes: server.residentBytes(),
          })
        }
      }
    })
  }
  const title = `One room of ${members.toLocaleString('en')} members, ${question.perSecond} lines a second`
  const table = roomTable(title, slices)
  process.stdout.write(`${asText(table)}\n`)
  const folder = join(benchmarksFolder, 'build/results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'room.md'), asMarkdown(table))
  writeFileSync(join(folder, 'room.json'), `${JSON.stringify(Object.fromEntries(slices), null, 1)}\n`)
}

try {
  await run()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 2
}
