import { createClient } from '@frameport/client'
import { createServer } from '@frameport/server'
import { startWorkers } from '@frameport/server/workers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { until } from '../support/until.ts'
import { execArgv, sharedPool } from './shared-pool.ts'
import { shared } from './workers-contract.ts'

type Pool = Awaited<ReturnType<typeof sharedPool>>['pool']

function clientOf({ url }: Pool, reconnect = { delayMs: 20, delayMaxMs: 100 }) {
  const client = createClient(shared, url, { reconnect })
  onTestFinished(() => client.$close({ graceMs: 0 }))
  return client
}

/** Creates clients until each worker has one. @returns the first client of each worker */
async function clientOfEach(pool: Pool, workers: number) {
  const found = new Map<number, ReturnType<typeof clientOf>>()
  for (let made = 0; found.size < workers; made++) {
    if (made > 400) throw new Error(`${made} connections found only ${found.size} workers`)
    const client = clientOf(pool)
    const { index } = await client.who()
    if (!found.has(index)) found.set(index, client)
  }
  return found
}

test.for([
  [2, 'io_uring'],
  [4, 'epoll'],
] as const)(
  '%d workers share one port over %s, and each has some of the connections',
  async ([workers, backend]) => {
    const { pool } = await sharedPool(backend, { workers })
    onTestFinished(() => pool.close())
    expect(pool.alone).toBeUndefined()
    expect(pool.urls).toHaveLength(1)
    const clients = Array.from({ length: 50 * workers }, () => clientOf(pool))
    const connected = new Array<number>(workers).fill(0)
    for (const { index } of await Promise.all(clients.map((client) => client.who())))
      connected[index] = (connected[index] ?? 0) + 1
    // The kernel distributes at random: 50 on average, with a standard deviation of 7.
    for (const count of connected) expect(count).toBeGreaterThan(15)

    const stats = await pool.stats()
    expect(stats.connections).toBe(50 * workers)
    expect(stats.workers.map(({ server }) => server?.connections)).toEqual(connected)
    expect(stats.memory.bytesMax).toBe(workers * 268_435_456)
    expect(pool.workers).toEqual(
      connected.map((_, index) => expect.objectContaining({ index, state: 'listening', restarts: 0 })),
    )
  },
)

test.for(['exit', 'throw'] as const)(
  'a worker that dies by %s loses only its own calls, and another one replaces it',
  async (how) => {
    const onWorkerLost = vi.fn()
    const onWorkerStarted = vi.fn()
    const { pool } = await sharedPool('io_uring', { workers: 2, onWorkerLost, onWorkerStarted })
    onTestFinished(() => pool.close())
    const clients = await clientOfEach(pool, 2)
    const dies = clients.get(0)!
    const lives = clients.get(1)!
    const before = await lives.who()
    const long = lives.work({ number: 1, takesMs: 1_000 })
    const lost = dies.work({ number: 2, takesMs: 60_000 }).catch((error: unknown) => error)
    await until(async () => (await pool.stats()).handlersInFlight === 2)

    await dies.die({ how }).catch(() => undefined)
    expect(await lost).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    await until(() => onWorkerLost.mock.calls.length === 1)
    const text = how === 'exit' ? 'exit code 3' : 'thrown where nobody catches'
    expect(onWorkerLost.mock.calls[0]).toEqual([
      {
        index: 0,
        error: expect.objectContaining({ code: 'WORKER_FAILED', message: expect.stringContaining(text) }),
        restartInMs: 100,
      },
    ])
    expect(await long).toEqual({ number: 1 })
    // The other worker is not affected, not even its connection.
    expect(await lives.who()).toEqual(before)

    await until(() => pool.workers[0]?.state === 'listening')
    expect(pool.workers[0]).toMatchObject({ restarts: 1 })
    expect(onWorkerStarted.mock.calls.map(([facts]) => facts)).toContainEqual(
      expect.objectContaining({ index: 0, restarts: 1 }),
    )
    expect((await dies.who()).index).toBeTypeOf('number')
    const again = await clientOfEach(pool, 2)
    expect([...again.keys()].sort()).toEqual([0, 1])
  },
)

test('close drains: no call is lost, and no thread remains', async () => {
  const { pool, runs } = await sharedPool('io_uring', { workers: 2 })
  const clients = await clientOfEach(pool, 2)
  const calls = [...clients.values()].flatMap((client, at) =>
    Array.from({ length: 20 }, (_, number) => client.work({ number: 20 * at + number, takesMs: 300 })),
  )
  await until(async () => (await pool.stats()).handlersInFlight === 40)
  await pool.close({ graceMs: 5_000 })
  expect(await Promise.all(calls)).toHaveLength(40)
  expect([...runs.subarray(0, 40)]).toEqual(new Array(40).fill(1))
  expect(pool.workers.map(({ state }) => state)).toEqual(['gone', 'gone'])
  expect(await pool.closed()).toBeUndefined()
  await expect(pool.restart()).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
})

test('a second close with a shorter grace shortens the wait', async () => {
  const { pool } = await sharedPool('io_uring', { workers: 2 })
  const client = clientOf(pool)
  const call = client.work({ number: 1, takesMs: 600_000 }).catch((error: unknown) => error)
  await until(async () => (await pool.stats()).handlersInFlight === 1)
  const closed = pool.close({ graceMs: 600_000 })
  await pool.close({ graceMs: 0 })
  await closed
  expect(await call).toMatchObject({ code: 'UNAVAILABLE' })
})

test('restart replaces each worker, and loses no call', {
  timeout: 180_000,
}, async () => {
  const { pool, runs } = await sharedPool('epoll', { workers: 2 })
  onTestFinished(() => pool.close())
  const threads = pool.workers.map(({ threadId }) => threadId)
  const clients = Array.from({ length: 8 }, () => clientOf(pool))
  let isOver = false
  let number = 0
  const work = clients.map(async (client) => {
    while (!isOver) await client.work({ number: number++, takesMs: 5 })
  })
  await until(() => number > 50)
  await pool.restart({ announceMs: 200, graceMs: 5_000 })
  isOver = true
  await Promise.all(work)
  expect([...runs.subarray(0, number)].filter((times) => times !== 1)).toEqual([])
  const after = pool.workers.map(({ threadId }) => threadId)
  expect(after.some((threadId) => threads.includes(threadId))).toBe(false)
  expect(pool.workers).toEqual([
    expect.objectContaining({ state: 'listening', restarts: 1 }),
    expect.objectContaining({ state: 'listening', restarts: 1 }),
  ])
})

test('stats shows which worker does not answer, and waits for it for at most statsTimeoutMs', async () => {
  const { pool } = await sharedPool('io_uring', { workers: 2, limits: { statsTimeoutMs: 200 } })
  onTestFinished(() => pool.close())
  const clients = await clientOfEach(pool, 2)
  const blocked = clients.get(0)!.block({ ms: 5_000 })
  const blockedStats = async () => {
    const stats = await pool.stats()
    const [first, second] = stats.workers
    return first?.server === undefined && second?.server !== undefined ? stats : undefined
  }
  const stats = await until(blockedStats)
  expect(stats?.connections).toBeGreaterThan(0)
  expect(stats?.connections).toBe(stats?.workers[1]?.server?.connections)
  await blocked
})

test('a blocked worker of a closing pool is terminated after silentMs', async () => {
  const { pool } = await sharedPool('io_uring', { workers: 2, limits: { silentMs: 300 } })
  const clients = await clientOfEach(pool, 2)
  // Its client looks for the server as long as its session may be resumed.
  clients
    .get(0)!
    .block({ ms: 60_000 })
    .catch(() => undefined)
  await until(async () => (await pool.stats()).workers.some(({ server }) => server === undefined))
  await pool.close({ graceMs: 0 })
  expect(pool.workers.map(({ state }) => state)).toEqual(['gone', 'gone'])
})

test('one worker serves if no port can be shared, and pool and log report that', async () => {
  const warn = vi.fn()
  const log = { debug() {}, info() {}, warn, error() {} }
  const { pool } = await sharedPool('net', { workers: 4, log })
  onTestFinished(() => pool.close())
  expect(pool.workers).toHaveLength(1)
  expect(pool.alone).toContain('reusePort on back end net')
  expect(warn).toHaveBeenCalledWith(
    expect.objectContaining({ asked: 4 }),
    'only one worker serves, because several cannot listen on the same port here',
  )
  const client = clientOf(pool)
  const { threadId } = await client.who()
  await pool.restart({ graceMs: 0 })
  expect((await client.who()).threadId).not.toBe(threadId)
})

test('a port on which another server listens is refused, even if it could be shared', async () => {
  const { pool } = await sharedPool('io_uring', { workers: 2 })
  onTestFinished(() => pool.close())
  const data = { endpoint: pool.url, backend: 'io_uring', calls: new SharedArrayBuffer(4) }
  await expect(sharedPool('io_uring', { workers: 2, data })).rejects.toMatchObject({
    code: 'WORKER_FAILED',
    cause: expect.objectContaining({ code: 'ADDRESS_IN_USE' }),
  })
})

test('a worker that cannot start ends the pool, with the reason', async () => {
  const data = { endpoint: 'tcp://127.0.0.1:0', backend: 'nonsense', calls: new SharedArrayBuffer(4) }
  await expect(sharedPool('io_uring', { data })).rejects.toMatchObject({
    code: 'WORKER_FAILED',
    message: expect.stringContaining('nonsense'),
  })
})

test('a file that never listens is terminated after startTimeoutMs', async () => {
  const idle = new URL('data:text/javascript,setInterval(() => {}, 1000)')
  await expect(
    startWorkers(idle, { log: false, execArgv, limits: { startTimeoutMs: 300 } }),
  ).rejects.toMatchObject({ code: 'WORKER_FAILED', message: expect.stringContaining('300 ms') })
})

test('the port is free after the pool has closed', async () => {
  const { pool } = await sharedPool('io_uring', { workers: 2 })
  const { url } = pool
  await pool.close()
  const server = createServer([], { log: false })
  await server.listen(url)
  await server.close()
})
