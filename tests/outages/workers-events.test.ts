import { createClient } from '@frameport/client'
import { memoryEventLog } from '@frameport/server'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../support/until.ts'
import { sharedPool } from './shared-pool.ts'
import { shared } from './workers-contract.ts'

test.for(['tick', 'kept'] as const)(
  'events of one of 4 workers reach the clients of all workers, in order and once: %s',
  async (name) => {
    const data = {
      endpoint: 'tcp://127.0.0.1:0',
      backend: 'io_uring',
      calls: new SharedArrayBuffer(4),
      keeps: true,
    }
    const { pool } = await sharedPool('io_uring', { workers: 4, data, logs: { lines: memoryEventLog() } })
    onTestFinished(() => pool.close({ graceMs: 0 }))
    const clients = Array.from({ length: 24 }, () => createClient(shared, pool.url))
    for (const client of clients) onTestFinished(() => client.$close({ graceMs: 0 }))
    const workers = new Set(
      (await Promise.all(clients.map((client) => client.who()))).map(({ index }) => index),
    )
    expect(workers.size).toBeGreaterThan(1)
    const seen = clients.map(() => [] as number[])
    await Promise.all(
      clients.map(
        (client, at) =>
          client.$on(name, { room: 'a' }, ({ number }) => void seen[at]?.push(number)).subscribed,
      ),
    )
    const numbers = Array.from({ length: 100 }, (_, number) => number)
    for (const number of numbers) await clients[0]?.say({ room: 'a', number, isKept: name === 'kept' })
    await until(() => seen.every((one) => one.length >= numbers.length))
    for (const one of seen) expect(one).toEqual(numbers)
  },
)
