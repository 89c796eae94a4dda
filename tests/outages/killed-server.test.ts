import { performance } from 'node:perf_hooks'
import { createClient } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { expect, test } from 'vitest'
import { type OrderName, orders } from './orders-contract.ts'
import { OrdersServer } from './orders-server.ts'

const calls = 1_000
/** The number of calls that are answered soon. */
const answered = 200

/** How one call settled, and when. */
interface Settled {
  readonly call: `${OrderName} ${number}`
  readonly atMs: number
  /** Absent if the call was answered. */
  readonly error?: RpcError
}

test.for(['net', 'epoll', 'io_uring'] as const)(
  'settles each of 1,000 calls once when the server is killed, and reports for each whether it may have run, over %s',
  { timeout: 120_000 },
  async (backend) => {
    await using server = new OrdersServer(backend)
    const url = await server.start()
    const noticed: number[] = []
    const client = createClient(orders, url, {
      backend,
      limits: { callsInFlightMax: 1_024 },
      onSession: ({ resumed, isFirst }) => {
        if (!resumed && !isFirst) noticed.push(performance.now())
      },
    })
    await client.$connection.opened()
    const settled: Settled[] = []
    const made = Array.from({ length: calls }, async (_, number) => {
      const name = number % 2 === 0 ? 'place' : 'look'
      // Some calls are answered before the kill, however long that takes, and the others run until the kill.
      const takesMs = number < answered ? number : name === 'look' ? 3_000 : 120_000
      const note = (error?: RpcError) => {
        settled.push({
          call: `${name} ${number}`,
          atMs: performance.now(),
          ...(error === undefined ? {} : { error }),
        })
      }
      try {
        const answer = await client[name]({ number, takesMs })
        expect(answer).toEqual({ number })
        note()
      } catch (error) {
        if (!RpcError.is(error)) throw error
        note(error)
      }
    })
    await expect.poll(() => settled.length, { interval: 5 }).toBeGreaterThan(100)
    await server.kill()
    await server.start()
    await Promise.all(made)
    const begun = server.begun()

    expect(settled).toHaveLength(calls)
    expect(new Set(settled.map(({ call }) => call)).size).toBe(calls)
    expect(noticed).toHaveLength(1)
    const [noticedAtMs = 0] = noticed
    for (const { call, atMs, error } of settled) {
      const times = begun.get(call) ?? 0
      if (error === undefined) expect(times, call).toBeGreaterThanOrEqual(1)
      else {
        expect(error.code, call).toBe('UNAVAILABLE')
        if (error.maybeExecuted !== true) expect(times, call).toBe(0)
        // And not only when they would have ended.
        expect(atMs - noticedAtMs, call).toBeLessThan(20_000)
      }
      if (call.startsWith('place')) expect(times, call).toBeLessThanOrEqual(1)
    }
    // Calls of both kinds were lost, and some calls were repeated.
    expect(settled.filter(({ error }) => error?.maybeExecuted === true).length).toBeGreaterThan(100)
    expect([...begun.values()].filter((times) => times > 1).length).toBeGreaterThan(0)
    await client.$close()
  },
)
