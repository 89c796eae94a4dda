import { createClient } from '@frameport/client'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../support/until.ts'
import { cutPlan } from './cut-plan.ts'
import { CuttingProxy } from './cutting-proxy.ts'
import { sharedPool } from './shared-pool.ts'
import { shared } from './workers-contract.ts'

const cuts = { open: 28, handshake: 11, resuming: 11 }

/** Short, so that a silent connection is noticed soon. */
const limits = {
  heartbeatIntervalMs: 1_000,
  heartbeatTimeoutMs: 500,
  helloTimeoutMs: 1_000,
  connectTimeoutMs: 1_000,
}

test.for(['io_uring', 'epoll'] as const)(
  'each of 4 workers over %s accepts sessions of the others, and 50 cuts neither lose nor duplicate a call',
  { timeout: 240_000 },
  async (backend) => {
    const { pool, runs, port } = await sharedPool(backend, { workers: 4 })
    onTestFinished(() => pool.close({ graceMs: 0 }))
    const proxy = new CuttingProxy(cutPlan(17, cuts), port)
    onTestFinished(() => proxy.close())
    const sessions: boolean[] = []
    const client = createClient(shared, await proxy.listen(), {
      limits,
      reconnect: { delayMs: 50, delayMaxMs: 200 },
      onSession: ({ resumed }) => sessions.push(resumed),
    })
    onTestFinished(() => client.$close({ graceMs: 0 }))
    const first = await client.who()

    let number = 0
    let isOver = false
    const calls = Array.from({ length: 16 }, async () => {
      while (!isOver) {
        const own = number++
        expect(await client.work({ number: own, takesMs: own % 8 })).toEqual({ number: own })
      }
    })
    const items: number[] = []
    const stream = (async () => {
      for await (const item of client.count({ items: 2_000 })) items.push(item.number)
    })()
    let relayed = 0
    for (let cut = 0; cut < cuts.open; cut++) {
      await proxy.cutNext()
      const before = number
      await until(() => number > before + 16)
      relayed += (await pool.stats()).workers.reduce((sum, worker) => sum + (worker.relayed ?? 0), 0)
    }
    await stream
    isOver = true
    await Promise.all(calls)

    expect(proxy.made).toHaveLength(cuts.open + cuts.handshake + cuts.resuming)
    expect([...runs.subarray(0, number)].filter((times) => times !== 1)).toEqual([])
    expect(items).toEqual(Array.from({ length: 2_000 }, (_, at) => at))
    // One session of one worker, over connections of several workers.
    expect(await client.who()).toEqual(first)
    expect(sessions.filter((resumed) => !resumed)).toHaveLength(1)
    expect(relayed).toBeGreaterThan(5)
  },
)
