import { once } from 'node:events'
import { startWorkers } from '@frameport/server/workers'
import { contestant } from '../../rivals/ours.ts'
import { openMember } from '../../rooms/ours.ts'
import { checkAnswer, readingOf } from '../message.ts'
import type { Connection } from '../rival/contestant.ts'
import { Room, type RoomQuestion, type RoomTalk } from '../room/program.ts'
import { keepInFlight } from '../work.ts'
import {
  type CallsMade,
  type CallsQuestion,
  type Spread,
  type SpreadQuestion,
  workersVariable,
} from './messages.ts'

/** Connections that make calls, each one at a time: what two workers can share. */
const callers = 64

/** The process of a pool, or of all its clients: `PROGRAM server`, `PROGRAM client PORT MEMBERS`. */
export async function runPool(worker: URL): Promise<void> {
  const [role, port, count] = process.argv.slice(2)
  process.on('disconnect', () => process.exit())
  if (role === 'server') await serve(worker)
  else await beClients(Number(port), Number(count))
}

async function serve(worker: URL): Promise<void> {
  const workers = Number(process.env[workersVariable])
  const pool = await startWorkers(worker, { workers })
  if (pool.alone !== undefined) throw new Error(`One worker serves in place of ${workers}. ${pool.alone}`)
  answer(async ({ ask }: SpreadQuestion): Promise<Spread> => {
    if (ask !== 'spread') throw new Error(`A pool is not asked for ${String(ask)}.`)
    return (await pool.stats()).workers.map(({ server }) => server?.connections ?? 0)
  })
  const { listeners } = await pool.stats()
  process.send?.({ port: Number(new URL(pool.url).port), backend: listeners[0]?.backend })
  await once(process, 'disconnect')
}

async function beClients(port: number, members: number): Promise<void> {
  const room = await Room.of(contestant, openMember, port, members)
  let connections: readonly Connection[] = []
  answer(async (question: RoomQuestion | CallsQuestion): Promise<RoomTalk | CallsMade> => {
    if (question.ask === 'talk') return await room.talk(question)
    // Not before the connections of the room were counted.
    if (connections.length === 0)
      connections = await Promise.all(Array.from({ length: callers }, () => contestant.connect(port)))
    return await makeCalls(connections, question.ms)
  })
  process.send?.({})
}

async function makeCalls(connections: readonly Connection[], ms: number): Promise<CallsMade> {
  let number = 0
  const began = performance.now()
  const more = () => performance.now() - began < ms
  const done = await Promise.all(
    connections.map((connection) =>
      keepInFlight(
        {
          inFlight: 1,
          unitsPerStep: 1,
          async step() {
            const message = readingOf(number++)
            checkAnswer(await connection.call(message), message.id)
          },
        },
        more,
      ),
    ),
  )
  return { units: done.reduce((sum, units) => sum + units, 0), elapsedMs: performance.now() - began }
}

function answer<Question>(to: (question: Question) => Promise<unknown>): void {
  process.on('message', (question: Question) => {
    to(question).then(
      (found) => process.send?.(found),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
        process.exit(1)
      },
    )
  })
}
