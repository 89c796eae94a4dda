import { createClient } from '@frameport/client'
import { createServer } from '@frameport/server'
import { expect, test } from 'vitest'
import { cutPlan, directions, waysToCut } from './cut-plan.ts'
import { CuttingProxy } from './cutting-proxy.ts'
import { amounts, makeCalls, readStream, upTo, writeUpload } from './done-work.ts'
import { Pace } from './pace.ts'
import { servedWork } from './served-work.ts'
import { work } from './work-contract.ts'

const cuts = { open: 28, handshake: 11, resuming: 11 }

/** Short, so that a silent connection is noticed soon. */
const heartbeat = { heartbeatIntervalMs: 1_000, heartbeatTimeoutMs: 500, helloTimeoutMs: 1_000 }

test.for(['net', 'epoll', 'io_uring'] as const)(
  'loses, doubles and reorders nothing while 50 cuts fall inside envelopes, over %s',
  { timeout: 240_000 },
  async (backend) => {
    const seed = 13
    const pace = new Pace(amounts.calls)
    const { served, implementation } = servedWork(pace)
    const server = createServer(implementation, {
      backend,
      limits: heartbeat,
      authorizeSubscribe: () => true,
      log: false,
    })
    const listener = await server.listen('tcp://127.0.0.1:0')
    expect(listener.backend).toBe(backend)
    const proxy = new CuttingProxy(cutPlan(seed, cuts), () => Number(new URL(listener.url).port))
    const sessions: boolean[] = []
    const gaps: unknown[] = []
    const client = createClient(work, await proxy.listen(), {
      backend,
      limits: { ...heartbeat, connectTimeoutMs: 1_000 },
      // A connection that is cut soon counts as a failure, so the delays would grow.
      reconnect: { delayMs: 100, delayMaxMs: 200 },
      onSession: ({ resumed }) => sessions.push(resumed),
      onEventGap: (gap) => gaps.push(gap),
    })
    const ticks: number[] = []
    await client.$on('tick', { clock: 'wall' }, ({ number }) => ticks.push(number)).subscribed

    const callsPerCut = Math.floor(amounts.calls / (cuts.open + 1))
    let lastCut = Promise.resolve()
    const results = await Promise.all([
      makeCalls(client, pace, async (number) => {
        if (number === 0 || number % callsPerCut !== 0 || number / callsPerCut > cuts.open) return
        // One after the other, even if two callers have arrived here before the cut was made.
        const cutBefore = lastCut
        lastCut = cutBefore.then(() => proxy.cutNext())
        await cutBefore
      }),
      Promise.all(upTo(amounts.streams).map((number) => readStream(client, number))),
      Promise.all(upTo(amounts.uploads).map((number) => writeUpload(client, pace, number))),
      (async () => {
        for (const number of upTo(amounts.events)) {
          await pace.reach(number / amounts.events)
          server.publish(work.events.tick, { clock: 'wall' }, { number })
        }
      })(),
    ])
    // The last cuts need traffic.
    let isOver = false
    void lastCut.then(() => {
      isOver = true
    })
    for (let number = amounts.calls; !isOver; number++)
      expect(await client.change({ number })).toEqual({ number: 2 * number })
    await expect.poll(() => ticks.length).toBe(amounts.events)

    const [answers, streams, uploads] = results
    expect([...answers].sort(([one], [other]) => one - other)).toEqual(
      upTo(amounts.calls).map((number) => [number, 2 * number]),
    )
    expect([...served.changes.values()].filter((times) => times !== 1)).toEqual([])
    for (const items of streams) expect(items).toEqual(upTo(amounts.itemsOfStream))
    expect(uploads).toEqual(upTo(amounts.uploads).map(() => amounts.itemsOfUpload))
    for (const items of served.written.values()) expect(items).toEqual(upTo(amounts.itemsOfUpload))
    expect(ticks).toEqual(upTo(amounts.events))
    expect(gaps).toEqual([])
    expect(sessions.filter((resumed) => !resumed)).toHaveLength(1)
    expectAllCuts(proxy)

    await client.$close()
    await server.close()
    await proxy.close()
  },
)

/** All cuts of the plan were made, most of them inside an envelope. */
function expectAllCuts({ made }: CuttingProxy): void {
  expect(made).toHaveLength(cuts.open + cuts.handshake + cuts.resuming)
  for (const way of waysToCut) expect(made.filter((cut) => cut.way === way).length).toBeGreaterThanOrEqual(14)
  for (const direction of directions)
    expect(made.filter((cut) => cut.direction === direction).length).toBeGreaterThanOrEqual(24)
  expect(made.filter(({ isInsideFrame }) => isInsideFrame).length).toBeGreaterThanOrEqual(40)
}
