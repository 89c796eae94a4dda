import { setTimeout as delay } from 'node:timers/promises'
import { type Client, createClient } from '@frameport/client'
import { expect, test } from 'vitest'
import { upTo } from './done-work.ts'
import { RollingServers } from './rolling-servers.ts'
import { rolling } from './work-contract.ts'

const clients = 4
const callsPerSecond = 500
const stepMs = 20
const callsMin = 1_000

/** The number of rounds: `FRAMEPORT_ROUNDS=5`. */
const rounds = Number(process.env.FRAMEPORT_ROUNDS ?? 1)

test.for(['net', 'epoll', 'io_uring'] as const)(
  'fails no call, and loses no logged event, while two servers are restarted one after the other, over %s',
  { timeout: 240_000 * rounds },
  async (backend) => {
    const servers = new RollingServers(backend)
    const url = await servers.start(2)
    const used = await Promise.all(upTo(clients).map(() => connected(url, backend)))
    const stopping = new AbortController()
    const calls: Promise<void>[] = []
    const items = 1_000 * rounds
    const counted = used.map(({ client }) => readAll(client, items))
    const working = (async () => {
      for (let number = 0, tick = 0; !stopping.signal.aborted; tick++) {
        servers.publish(tick)
        for (let left = (callsPerSecond * stepMs) / 1_000; left > 0; left--, number++)
          calls.push(callOnce((used[number % clients] as Connected).client, number))
        await delay(stepMs)
      }
      return calls.length
    })()

    for (let round = 0; round < rounds; round++)
      for (const index of [0, 1]) {
        await delay(500)
        await servers.restart(index)
      }
    // A slow machine makes its calls later.
    while (calls.length <= callsMin) await delay(stepMs)
    stopping.abort()
    const made = await working
    const failures = (await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected')
    expect(failures).toEqual([])
    expect(made).toBeGreaterThan(callsMin)
    expect(servers.placed.size).toBe(made / 2)
    expect([...servers.placed].filter(([, times]) => times !== 1)).toEqual([])
    for (const numbers of await Promise.all(counted)) expect(numbers).toEqual(upTo(items))
    for (const { ticks, tocks, gaps, moves } of used) {
      await expect.poll(() => ticks.at(-1), { timeout: 20_000 }).toBe(tocks.at(-1))
      expect(ticks).toEqual(upTo(ticks.length).map((index) => (ticks[0] as number) + index))
      expect(gaps.filter((name) => name === 'rolling/tick')).toEqual([])
      const jumps = tocks.filter((number, index) => index > 0 && number !== (tocks[index - 1] as number) + 1)
      expect(jumps.filter((number) => number <= (tocks[0] as number))).toEqual([])
      expect(gaps.length).toBeGreaterThanOrEqual(jumps.length)
      expect(moves.length).toBeGreaterThanOrEqual(1)
    }
    await Promise.all(used.map(({ client }) => client.$close()))
    await servers.close()
  },
)

interface Connected {
  readonly client: Client<typeof rolling>
  readonly ticks: number[]
  readonly tocks: number[]
  /** The names of events with gaps. */
  readonly gaps: string[]
  /** Sessions that replaced others. */
  readonly moves: unknown[]
}

async function connected(url: string, backend: 'net' | 'epoll' | 'io_uring'): Promise<Connected> {
  const [ticks, tocks, gaps, moves] = [[] as number[], [] as number[], [] as string[], [] as unknown[]]
  const client = createClient(rolling, url, {
    backend,
    limits: { callsInFlightMax: 1_024 },
    onEventGap: ({ event }) => gaps.push(event),
    onSession: (start) => {
      if (!start.resumed && !start.isFirst) moves.push(start)
    },
  })
  const topic = { clock: 'wall' }
  await client.$on('tick', topic, ({ number }) => ticks.push(number)).subscribed
  await client.$on('tock', topic, ({ number }) => tocks.push(number)).subscribed
  return { client, ticks, tocks, gaps, moves }
}

/** Half of the procedures may run only once. */
async function callOnce(client: Client<typeof rolling>, number: number): Promise<void> {
  const answer = await (number % 2 === 0 ? client.place({ number }) : client.look({ number }))
  if (answer.number !== number) throw new Error(`${answer.number} in the place of ${number}`)
}

async function readAll(client: Client<typeof rolling>, items: number): Promise<number[]> {
  const numbers: number[] = []
  for await (const { number } of client.count({ from: 0, to: items })) numbers.push(number)
  return numbers
}
