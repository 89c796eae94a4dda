import { safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { connected, PlayedNetwork } from './support/played-network.ts'

describe('the first connection', () => {
  it('is tried once', async () => {
    const network = new PlayedNetwork()
    network.server.mode = 'down'
    const { client, states } = network.client()
    await expect(network.run(client.$connection.opened())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect([client.$connection.state, states, network.knocks.length]).toEqual(['closed', ['closed'], 1])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('is tried again with reconnect.first, until it succeeds', async () => {
    const network = new PlayedNetwork()
    network.server.mode = 'down'
    const { client, states } = network.client({ reconnect: { first: true } })
    const waits = safe(client.ping())
    await network.clock.advance(3_000)
    expect(client.$connection.state).toBe('connecting')
    network.server.mode = 'up'
    expect((await network.run(waits)).data).toBe('server 0')
    await network.run(client.$connection.opened())
    expect([states[0], states.at(-1)]).toEqual(['connecting 1', 'open'])
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('a client whose connection is cut', () => {
  it.each(['abort', 'end'] as const)(
    'continues its session, and an open call does not notice (%s)',
    async (how) => {
      const network = new PlayedNetwork()
      const { client, states, sessions } = await connected(network)
      const open = safe(client.stay())
      await network.clock.settle()
      await network.cut(how)
      expect(client.$connection.state).toBe('reconnecting')
      const waits = safe(client.ping())
      await network.clock.advance(200)
      expect(client.$connection.state).toBe('open')
      network.server.staying[0]?.respond({ kind: 'value', value: 'stayed' })
      expect((await network.run(open)).data).toBe('stayed')
      expect((await network.run(waits)).data).toBe('server 0')
      expect([states, sessions]).toEqual([
        ['open', 'reconnecting 0', 'open'],
        ['first', 'resumed'],
      ])
      expect(await network.leftOvers(client)).toEqual([])
      expect(network.releases).toEqual(['server 0'])
    },
  )

  it('gets a new session from a restarted server, over the same connection', async () => {
    const network = new PlayedNetwork()
    const { client, sessions } = await connected(network)
    const listening = client.$on('news', () => undefined)
    await network.run(listening.subscribed)
    const open = safe(client.stay())
    await network.clock.settle()
    network.server.restart()
    await network.cut()
    const again = open.then(({ error }) => {
      expect([error?.code, error?.maybeExecuted]).toEqual(['UNAVAILABLE', true])
      return client.ping()
    })
    expect(await network.run(again)).toBe('server 0')
    expect([sessions, network.pairs.length]).toEqual([['first', 'new'], 2])
    expect(network.server.subscriptions).toEqual(['subscribe tiny@1/news', 'subscribe tiny@1/news'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('gets a new session from a server that keeps none', async () => {
    const network = new PlayedNetwork({ resumeBytes: 0 })
    const { client, sessions } = await connected(network)
    const open = safe(client.stay())
    await network.clock.settle()
    await network.cut()
    expect((await network.run(open)).error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    expect(await network.run(client.ping())).toBe('server 0')
    expect(sessions).toEqual(['first', 'new'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('tries soon, and then with growing delays of at most five seconds while the session can be resumed', async () => {
    const network = new PlayedNetwork()
    const { client, states } = await connected(network, { reconnect: { reconnectTimeoutMs: 60_000 } })
    const lostAtMs = network.clock.nowMs()
    network.server.mode = 'down'
    await network.cut()
    await network.clock.advance(29_000)
    const times = network.knocks.slice(1).map((knock) => Number(knock.split(' at ')[1]) - lostAtMs)
    expect(times[0]).toBeLessThanOrEqual(200)
    expect(times.length).toBeGreaterThan(7)
    const gaps = times.slice(1).map((time, index) => time - (times[index] as number))
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5_001)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(49)
    network.server.mode = 'up'
    await network.clock.advance(6_000)
    expect([client.$connection.state, states.at(-1)]).toEqual(['open', 'open'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('begins a new session after the resume window of the old one, and sends waiting calls there', async () => {
    const network = new PlayedNetwork()
    const { client, sessions } = await connected(network)
    network.server.mode = 'down'
    await network.cut()
    const waits = safe(client.ping())
    await network.clock.advance(31_000)
    const later = safe(client.ping())
    network.server.mode = 'up'
    expect((await network.run(waits)).data).toBe('server 0')
    expect((await network.run(later)).data).toBe('server 0')
    expect(network.server.pings).toHaveLength(2)
    expect(sessions).toEqual(['first', 'new'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('reports for a call whose resume window is over what was tried, and names the window once', async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network)
    const call = safe(client.stay())
    await network.clock.settle()
    network.server.mode = 'down'
    await network.cut()
    const { error } = await network.run(call)
    expect(error?.message).toMatch(
      /not replaced within 30000 ms; the client has no connection \(CONNECTION_LOST: Could not connect to test:server-0: nobody listens\), and \d+ attempts/,
    )
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('gives up after reconnectTimeoutMs, and reports what failed, how often and why', async () => {
    const network = new PlayedNetwork({ resumeBytes: 0 })
    const { client, states } = await connected(network, { reconnect: { reconnectTimeoutMs: 20_000 } })
    network.server.mode = 'down'
    await network.cut()
    const waits = safe(client.ping())
    const { error } = await network.run(waits)
    expect(error?.code).toBe('UNAVAILABLE')
    expect(error?.message).toMatch(
      /the client gave up after 20000 ms without a connection: .*nobody listens.*, and \d+ attempts to connect have failed/,
    )
    expect(await network.run(client.$connection.closed())).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(network.clock.nowMs()).toBe(31_000)
    expect([client.$connection.state, states.at(-1)]).toEqual(['closed', 'closed'])
    expect((await network.run(safe(client.ping()))).error?.message).toContain('gave up')
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('makes the last attempt that a server asked for, gives up, reports it, and connects no more', async () => {
    const network = new PlayedNetwork()
    const reasons: (string | undefined)[] = []
    const { client } = await connected(network, {
      reconnect: { reconnectTimeoutMs: 20_000 },
      onStateChange: ({ state, reason }) => void (state === 'closed' && reasons.push(reason?.message)),
    })
    network.server.refusal = new RpcError('RESOURCE_EXHAUSTED', 'full', { retryAfterMs: 60_000 })
    await network.cut()
    const { message } = await network.run(client.$connection.closed())
    expect(message).toContain('the client gave up after 20000 ms without a connection')
    expect(reasons).toEqual([message])
    expect(network.clock.leftOvers()).toEqual([])
    await network.clock.advance(600_000)
    expect(network.knocks).toHaveLength(3)
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('enforces the deadline of a waiting call, whose failure says why it waited', async () => {
    const network = new PlayedNetwork({ resumeBytes: 0 })
    const { client } = await connected(network)
    network.server.mode = 'down'
    await network.cut()
    const { error } = await network.run(safe(client.ping({ deadlineMs: 2_000 })))
    expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED', maybeExecuted: false })
    expect(error?.message).toMatch(
      /no connection \(CONNECTION_LOST: Could not connect to test:server-0: nobody listens\), and \d+ attempts/,
    )
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('comes back at a random time: the clients of a server that dies do not all connect at one moment', async () => {
    const network = new PlayedNetwork()
    const clients = Array.from({ length: 100 }, () => network.client().client)
    await network.run(Promise.all(clients.map((client) => client.$connection.opened())))
    await network.clock.advance(11_000)
    const lostAtMs = network.clock.nowMs()
    for (const { b } of network.pairs.slice(0)) b.abort()
    await network.clock.advance(201)
    const times = network.knocks.slice(100).map((knock) => Number(knock.split(' at ')[1]) - lostAtMs)
    const quarters = [0, 50, 100, 150].map(
      (begin) => times.filter((time) => time >= begin && time < begin + 50).length,
    )
    expect(Math.min(...quarters)).toBeGreaterThan(12)
    expect(clients.every((client) => client.$connection.state === 'open')).toBe(true)
    expect(await network.leftOvers(...clients)).toEqual([])
  })

  it('does not connect again with reconnect: false', async () => {
    const network = new PlayedNetwork()
    const { client, states } = await connected(network, { reconnect: false })
    const open = safe(client.stay())
    await network.clock.settle()
    await network.cut()
    expect((await network.run(open)).error?.code).toBe('UNAVAILABLE')
    expect(await network.run(client.$connection.closed())).toMatchObject({ code: 'CONNECTION_LOST' })
    expect([network.knocks.length, states]).toEqual([1, ['open', 'closed']])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('does not connect again with reconnect: false, and drains when its server leaves', async () => {
    const network = new PlayedNetwork()
    const { client, states } = await connected(network, { reconnect: false })
    const open = safe(client.stay())
    await network.clock.settle()
    void network.server.session.close({ graceMs: 60_000 })
    await network.clock.settle()
    expect([client.$connection.state, states]).toEqual(['draining', ['open', 'draining']])
    network.server.staying[0]?.respond({ kind: 'value', value: 'finished' })
    expect((await network.run(open)).data).toBe('finished')
    await network.run(client.$connection.closed())
    expect(states).toEqual(['open', 'draining', 'closed'])
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('a connection that does not last', () => {
  it('makes the delays grow although each handshake succeeds, and does not stop reconnectTimeoutMs', async () => {
    const network = new PlayedNetwork({ resumeBytes: 0 })
    const { client, sessions } = network.client({ reconnect: { reconnectTimeoutMs: 60_000 } })
    await network.run(client.$connection.opened())
    for (let step = 0; step < 4_000 && client.$connection.state !== 'closed'; step++) {
      if (client.$connection.state === 'open') await network.cut()
      await network.clock.advance(50)
    }
    expect(client.$connection.state).toBe('closed')
    expect(network.clock.nowMs()).toBeLessThan(62_000)
    expect(sessions.length).toBeGreaterThan(3)
    expect(sessions.length).toBeLessThan(25)
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('is forgotten once one has lasted ten seconds: the next attempt is made soon', async () => {
    const network = new PlayedNetwork({ resumeBytes: 0 })
    const { client } = await connected(network)
    for (let cut = 0; cut < 3; cut++) {
      await network.cut()
      await network.clock.advance(200)
      expect(client.$connection.state).toBe('open')
      await network.clock.advance(11_000)
    }
    expect(await network.leftOvers(client)).toEqual([])
  })
})
