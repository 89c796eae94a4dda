import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { expect, test } from 'vitest'
import { orders } from './orders-contract.ts'
import { OrdersServer } from './orders-server.ts'

const stopMs = 5_000

test.for([
  ['net', 'that waits for it', {}],
  ['epoll', 'that waits for it', {}],
  ['epoll', 'that gives up its connection', { heartbeatIntervalMs: 500, heartbeatTimeoutMs: 500 }],
  ['io_uring', 'that waits for it', {}],
] as const)(
  'keeps deadlines and does not confuse answers while the server is stopped for 5 s, over %s, with a client %s',
  { timeout: 120_000 },
  async ([backend, , limits]) => {
    await using server = new OrdersServer(backend)
    const client = createClient(orders, await server.start(), { backend, limits })
    let number = 0
    const place = async (deadlineMs: number, takesMs = 0) => {
      const [mine, begunAtMs] = [number++, performance.now()]
      try {
        const answer = await client.place({ number: mine, takesMs }, { deadlineMs })
        return { isOwn: answer.number === mine, code: 'OK', tookMs: performance.now() - begunAtMs }
      } catch (error) {
        if (!RpcError.is(error)) throw error
        return { isOwn: true, code: error.code, tookMs: performance.now() - begunAtMs }
      }
    }
    expect(await place(30_000)).toMatchObject({ isOwn: true, code: 'OK' })

    const underWay = Array.from({ length: 20 }, () => place(30_000, 50))
    server.signal('SIGSTOP')
    const begunAtMs = performance.now()
    const short = Array.from({ length: 50 }, (_, index) => place(200 + index * 50))
    const long = Array.from({ length: 50 }, () => place(30_000))
    for (const [index, settled] of short.entries()) {
      const { code, tookMs } = await settled
      expect(code).toBe('DEADLINE_EXCEEDED')
      expect(tookMs).toBeGreaterThanOrEqual(200 + index * 50 - 1)
    }
    // None of them waited for the server, which is still stopped.
    await delay(stopMs - (performance.now() - begunAtMs))
    server.signal('SIGCONT')
    for (const settled of await Promise.all([...underWay, ...long]))
      expect(settled).toMatchObject({ isOwn: true, code: 'OK' })
    for (let index = 0; index < 100; index++)
      expect(await place(30_000)).toMatchObject({ isOwn: true, code: 'OK' })
    for (const [call, times] of server.begun()) expect(times, call).toBe(1)
    await client.$close()
  },
)
