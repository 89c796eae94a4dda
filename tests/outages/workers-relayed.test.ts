import { createClient } from '@frameport/client'
import { tls } from '@frameport/client/tls'
import { expect, onTestFinished, test } from 'vitest'
import { makeAuthority } from '../support/certificates.ts'
import { until } from '../support/until.ts'
import { Balancer } from './balancer.ts'
import { sharedPool } from './shared-pool.ts'
import { shared } from './workers-contract.ts'

type Pool = Awaited<ReturnType<typeof sharedPool>>['pool']
const reconnect = { delayMs: 10, delayMaxMs: 50 }

async function balancerOf(pool: Pool) {
  const balancer = new Balancer()
  onTestFinished(() => balancer.close())
  balancer.add(pool.url)
  return { balancer, url: await balancer.listen() }
}

/** The workers that have accepted connections for sessions of other workers. */
async function relaying(pool: Pool): Promise<number[]> {
  const { workers } = await pool.stats()
  return workers.filter(({ relayed = 0 }) => relayed > 0).map(({ index }) => index)
}

/** Cuts the connection until it arrives at another worker than the owner of the session. */
async function cutUntilRelayed(pool: Pool, balancer: Balancer, ask: () => Promise<unknown>): Promise<number> {
  for (let cuts = 0; cuts < 100; cuts++) {
    balancer.cut()
    await ask()
    const [index] = await relaying(pool)
    if (index !== undefined) return index
  }
  throw new Error('100 connections came to the same worker')
}

test('a session with a relayed connection continues when the relaying worker dies', async () => {
  const { pool, runs } = await sharedPool('io_uring', { workers: 2 })
  onTestFinished(() => pool.close({ graceMs: 0 }))
  const { balancer, url } = await balancerOf(pool)
  const client = createClient(shared, url, { reconnect })
  onTestFinished(() => client.$close({ graceMs: 0 }))
  const first = await client.who()
  const relay = await cutUntilRelayed(pool, balancer, () => client.who())
  expect(relay).not.toBe(first.index)

  // Items and credit pass through the relay in both directions.
  const items: number[] = []
  for await (const { number } of client.count({ items: 300 })) items.push(number)
  expect(items).toHaveLength(300)
  const call = client.work({ number: 1, takesMs: 1_000 })
  await until(() => runs[1] === 1)
  for (let made = 0; (await relaying(pool)).includes(relay); made++) {
    const direct = createClient(shared, pool.url, { reconnect: false })
    if ((await direct.who()).index === relay) await direct.die({ how: 'exit' }).catch(() => undefined)
    await direct.$close({ graceMs: 0 })
    expect(made).toBeLessThan(100)
  }
  expect(await call).toEqual({ number: 1 })
  expect(runs[1]).toBe(1)
  expect(await client.who()).toEqual(first)
})

test('close drains a session with a relayed connection', async () => {
  const { pool } = await sharedPool('epoll', { workers: 2 })
  const { balancer, url } = await balancerOf(pool)
  const client = createClient(shared, url, { reconnect })
  onTestFinished(() => client.$close({ graceMs: 0 }))
  await client.who()
  await cutUntilRelayed(pool, balancer, () => client.who())
  const call = client.work({ number: 1, takesMs: 1_000 })
  await until(async () => (await pool.stats()).handlersInFlight === 1)
  await pool.close({ graceMs: 10_000 })
  expect(await call).toEqual({ number: 1 })
})

test('the owner of a session knows the TLS facts of a connection that another worker has accepted', async () => {
  const authority = await makeAuthority('workers')
  const served = await authority.issue('localhost')
  const data = {
    endpoint: 'tls://127.0.0.1:0',
    backend: 'io_uring',
    calls: new SharedArrayBuffer(4),
    tls: served,
  }
  const { pool } = await sharedPool('io_uring', { workers: 2, data })
  onTestFinished(() => pool.close({ graceMs: 0 }))
  const { balancer, url } = await balancerOf(pool)
  const client = createClient(shared, tls(url.replace('tcp:', 'tls:'), { ca: authority.cert }), { reconnect })
  onTestFinished(() => client.$close({ graceMs: 0 }))
  const first = await client.who()
  expect(first.tls).toBe('TLSv1.3')
  await cutUntilRelayed(pool, balancer, () => client.who())
  expect(await client.who()).toEqual(first)
})

test('a session whose owner has died starts again at another worker', async () => {
  const { pool } = await sharedPool('io_uring', { workers: 2 })
  onTestFinished(() => pool.close({ graceMs: 0 }))
  const resumed: boolean[] = []
  const client = createClient(shared, pool.url, {
    reconnect,
    onSession: (session) => resumed.push(session.resumed),
  })
  onTestFinished(() => client.$close({ graceMs: 0 }))
  const first = await client.who()
  await client.die({ how: 'exit' }).catch(() => undefined)
  expect((await client.who()).threadId).not.toBe(first.threadId)
  expect(resumed).toEqual([false, false])
})

test('a subscription that the owner revokes is reported over a connection that another worker has accepted', async () => {
  const { pool } = await sharedPool('epoll', { workers: 2 })
  onTestFinished(() => pool.close({ graceMs: 0 }))
  const { balancer, url } = await balancerOf(pool)
  const failed: unknown[] = []
  const client = createClient(shared, url, {
    reconnect,
    onSubscribeFailed: (failure) => failed.push(failure),
  })
  onTestFinished(() => client.$close({ graceMs: 0 }))
  const heard: number[] = []
  await client.$on('tick', { room: 'a' }, ({ number }) => heard.push(number)).subscribed
  await cutUntilRelayed(pool, balancer, () => client.who())
  await client.say({ room: 'a', number: 1, isKept: false })
  await until(() => heard.length === 1)
  await client.revoke({ room: 'a' })
  await client.say({ room: 'a', number: 2, isKept: false })
  await client.who()
  expect(failed).toMatchObject([
    { event: 'shared/tick', topic: { room: 'a' }, wasSubscribed: true, error: { code: 'PERMISSION_DENIED' } },
  ])
  expect(heard).toEqual([1])
})
