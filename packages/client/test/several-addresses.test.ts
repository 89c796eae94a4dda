import { safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { connected, PlayedNetwork, type PlayedServer } from './support/played-network.ts'

const refusals = {
  'refuses for good': new RpcError('PERMISSION_DENIED', 'not here'),
  'is full': new RpcError('RESOURCE_EXHAUSTED', 'full', { retryAfterMs: 60_000 }),
}
const modes = ['down', 'unreachable', 'mute', 'stranger', 'slams'] as const
type Fault = keyof typeof refusals | (typeof modes)[number]
const faults: readonly Fault[] = [...modes, 'refuses for good', 'is full']

function breakServer(server: PlayedServer, fault: Fault): void {
  if (fault === 'refuses for good' || fault === 'is full') server.refusal = refusals[fault]
  else server.mode = fault
}

describe.each(faults)('one of two addresses whose server %s', (fault) => {
  it.each([{}, { reconnect: false as const }, { reconnect: { first: true } }])(
    'does not harm the first connection (%j)',
    async (options) => {
      const network = new PlayedNetwork({ count: 2 })
      breakServer(network.server, fault)
      const { client, states } = network.client(options)
      expect(await network.run(client.ping())).toBe('server 1')
      expect(network.clock.nowMs()).toBeLessThan(5_500)
      expect([states, network.knocks.length]).toEqual([['open'], 2])
      expect(await network.leftOvers(client)).toEqual([])
    },
  )

  it('does not end a client that has lost the other', async () => {
    const network = new PlayedNetwork({ count: 2 })
    const [good, bad] = network.servers as [PlayedServer, PlayedServer]
    const { client } = network.client()
    await network.run(client.$connection.opened())
    breakServer(bad, fault)
    good.mode = 'down'
    await network.cut()
    const waits = safe(client.ping())
    await network.clock.advance(20_000)
    expect(client.$connection.state).toBe('reconnecting')
    good.mode = 'up'
    expect((await network.run(waits)).data).toBe('server 0')
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('an excluded address', () => {
  it('is not tried again before there is a connection, and then it is', async () => {
    const network = new PlayedNetwork({ count: 2, resumeBytes: 0 })
    const [good, bad] = network.servers as [PlayedServer, PlayedServer]
    const knocks = () => network.knocks.filter((knock) => knock.startsWith('server 1')).length
    const { client } = network.client()
    await network.run(client.$connection.opened())
    for (const times of [1, 2]) {
      bad.mode = 'stranger'
      good.mode = 'down'
      await network.cut()
      await network.clock.advance(60_000)
      expect(knocks()).toBe(times)
      good.mode = 'up'
      await network.run(client.ping())
    }
    bad.mode = 'up'
    good.mode = 'down'
    await network.cut()
    expect(await network.run(client.ping())).toBe('server 1')
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('ends the client if all others are excluded, too, with the refusal of a server', async () => {
    const network = new PlayedNetwork({ count: 3 })
    breakServer(network.servers[1]!, 'refuses for good')
    for (const index of [0, 2]) breakServer(network.servers[index]!, 'stranger')
    const { client } = network.client({ reconnect: { first: true } })
    const { error } = await network.run(safe(client.ping()))
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', message: 'not here' })
    expect(await network.run(client.$connection.closed())).toMatchObject({ code: 'HELLO_REFUSED' })
    expect(network.knocks).toHaveLength(3)
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('the first connection to several addresses', () => {
  it('that fails at each reports what was wrong at each', async () => {
    const network = new PlayedNetwork({ count: 3 })
    breakServer(network.servers[0]!, 'stranger')
    breakServer(network.servers[1]!, 'slams')
    breakServer(network.servers[2]!, 'down')
    const { client } = network.client()
    const { error } = await network.run(safe(client.ping()))
    expect(error?.code).toBe('UNAVAILABLE')
    expect(error?.message).toMatch(
      /^Could not connect to test:server-0, test:server-1, test:server-2: test:server-0: this looks like an HTTP server.*; test:server-1: .*; test:server-2: nobody listens$/,
    )
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('fails with the refusal of the server that it reached, and its retryAfterMs', async () => {
    const network = new PlayedNetwork({ count: 2 })
    breakServer(network.servers[0]!, 'is full')
    breakServer(network.servers[1]!, 'down')
    const { client } = network.client()
    const { error } = await network.run(safe(client.ping()))
    expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', message: 'full', retryAfterMs: 60_000 })
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('a server that sends a retryAfterMs', () => {
  it('does not affect the refusal of another server, which is reported', async () => {
    const network = new PlayedNetwork({ count: 2 })
    network.servers[0]!.refusal = new RpcError('PERMISSION_DENIED', 'not here')
    breakServer(network.servers[1]!, 'is full')
    const { client } = network.client()
    const { error } = await network.run(safe(client.ping()))
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', message: 'not here', retryAfterMs: undefined })
    const reason = await network.run(client.$connection.closed())
    expect([reason.cause, reason.retryAfterMs]).toMatchObject([{ code: 'PERMISSION_DENIED' }, undefined])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('is not tried before that time, and others are', async () => {
    const network = new PlayedNetwork({ count: 2 })
    breakServer(network.servers[0]!, 'is full')
    breakServer(network.servers[1]!, 'down')
    const { client } = network.client({ reconnect: { first: true, delayMaxMs: 1_000 } })
    await network.clock.advance(59_000)
    const at = (name: string) => network.knocks.filter((knock) => knock.startsWith(name)).length
    expect(at('server 0')).toBe(1)
    expect(at('server 1')).toBeGreaterThan(59)
    network.server.refusal = undefined
    expect(await network.run(client.ping())).toBe('server 0')
    expect(network.clock.nowMs()).toBeLessThan(62_000)
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('is waited for if all others have sent one, too: the earliest is tried first', async () => {
    const network = new PlayedNetwork({ count: 2 })
    breakServer(network.servers[0]!, 'is full')
    network.servers[1]!.refusal = new RpcError('UNAVAILABLE', 'starting', { retryAfterMs: 10_000 })
    const { client } = network.client({ reconnect: { first: true, delayMaxMs: 1_000 } })
    await network.clock.advance(9_900)
    expect(network.knocks).toHaveLength(2)
    network.servers[1]!.refusal = undefined
    expect(await network.run(client.ping())).toBe('server 1')
    expect(network.clock.nowMs()).toBeLessThan(15_100)
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('several addresses', () => {
  it('are tried in turn, each with its share of the time', async () => {
    const network = new PlayedNetwork({ count: 3 })
    network.servers[0]!.mode = 'down'
    network.servers[1]!.mode = 'down'
    const { client } = network.client()
    expect(await network.run(client.ping())).toBe('server 2')
    expect(client.$connection.remoteEndpoint).toBe('test:server-2')
    await network.clock.advance(11_000)
    // The last address that worked is tried first.
    await network.cut()
    await network.clock.advance(200)
    expect(network.knocks.at(-1)).toMatch(/^server 2/)
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('of which none answers fail the first connection with what was wrong at each', async () => {
    const network = new PlayedNetwork({ count: 2 })
    for (const server of network.servers) server.mode = 'down'
    const { client } = network.client()
    const { error } = await network.run(safe(client.ping()))
    expect(error?.message).toBe(
      'Could not connect to test:server-0, test:server-1: test:server-0: nobody listens; test:server-1: nobody listens',
    )
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('do not stop at one that does not answer the hello', async () => {
    const network = new PlayedNetwork({ count: 2 })
    const { client } = await connected(network, { limits: { connectTimeoutMs: 500 } })
    network.servers[0]!.mode = 'mute'
    await network.cut()
    await network.clock.advance(2_000)
    expect(await network.run(client.ping())).toBe('server 1')
    expect(await network.leftOvers(client)).toEqual([])
  })
})
