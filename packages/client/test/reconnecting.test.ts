import { safe } from '@frameport/client'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PlayedNetwork, tiny } from './support/played-network.ts'

/** A client that is connected, for long enough that its connection counts. */
async function connected(network: PlayedNetwork, options: Parameters<PlayedNetwork['client']>[0] = {}) {
  const made = network.client(options)
  await network.run(made.client.$connection.opened())
  await network.clock.advance(11_000)
  return made
}

describe('a client whose connection is cut', () => {
  it.each(['abort', 'end'] as const)(
    'goes on with its session, and an open call does not notice (%s)',
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

  it('gets a new session from a server that was started again, over the same connection', async () => {
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

  it('gets a new session where the server keeps none', async () => {
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

  it('tries soon, and then with growing delays that are never over five seconds while the session may go on', async () => {
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

  it('begins a new session when the window of the old one is over, and calls in line go there', async () => {
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

  it('says of a call whose window is over what was tried, and not the window twice', async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network)
    const call = safe(client.stay())
    await network.clock.settle()
    network.server.mode = 'down'
    await network.cut()
    const { error } = await network.run(call)
    expect(error?.message).toMatch(
      /there was no other within 30000 ms; the client has no connection \(CONNECTION_LOST: Could not connect to test:server-0: nobody listens\), and \d+ attempts/,
    )
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('gives up after reconnectTimeoutMs, and says what failed, how often and why', async () => {
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

  it('makes a last attempt that a server asked for, gives up, says so, and knocks no more', async () => {
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

  it('keeps the deadline of a call in line, whose failure says why it waited', async () => {
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

  it('comes back in its own time: those of one server that dies do not knock in one moment', async () => {
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

  it('does not connect again with reconnect: false, and is told that it drains when its server leaves', async () => {
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
  it('grows the delays, although each handshake is done, and the time to give up runs on', async () => {
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

  it('does not count once one has lasted ten seconds: the next attempt is made soon', async () => {
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

describe('a server that refuses the hello', () => {
  it('for want of room is tried again when it said, and the session is kept', async () => {
    const network = new PlayedNetwork()
    const { client, sessions } = await connected(network)
    network.server.refusal = new RpcError('RESOURCE_EXHAUSTED', 'full', { retryAfterMs: 3_000 })
    const lostAtMs = network.clock.nowMs()
    await network.cut()
    const open = safe(client.ping())
    await network.clock.advance(200)
    network.server.refusal = undefined
    expect((await network.run(open)).data).toBe('server 0')
    expect(network.clock.nowMs() - lostAtMs).toBeGreaterThanOrEqual(3_000)
    expect(network.clock.nowMs() - lostAtMs).toBeLessThanOrEqual(6_200)
    expect(sessions).toEqual(['first', 'resumed'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('for good ends the client, whose calls fail with that', async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network)
    network.server.refusal = new RpcError('UNAUTHENTICATED', 'expired')
    await network.cut()
    const { error } = await network.run(safe(client.ping()))
    expect([error?.code, client.$connection.state]).toEqual(['UNAUTHENTICATED', 'closed'])
    expect(await network.run(client.$connection.closed())).toMatchObject({ code: 'HELLO_REFUSED' })
    expect(network.knocks.length).toBe(2)
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('a server that leaves', () => {
  it('is left for a new connection first; open calls finish there, new ones go to the new one', async () => {
    const network = new PlayedNetwork({ count: 2 })
    const { client, states, sessions } = await connected(network)
    const [old, other] = network.servers as [PlayedNetwork['server'], PlayedNetwork['server']]
    const open = safe(client.stay())
    await network.clock.settle()
    old.session.announceEnd()
    await network.clock.settle()
    expect([client.$connection.state, await network.run(client.ping())]).toEqual(['open', 'server 0'])
    await network.clock.advance(300)
    expect([client.$connection.state, client.$connection.remoteEndpoint]).toEqual(['open', 'test:server-1'])
    expect(await network.run(client.ping())).toBe('server 1')
    old.staying[0]?.respond({ kind: 'value', value: 'finished' })
    expect((await network.run(open)).data).toBe('finished')
    await network.clock.advance(2_000)
    expect(old.gone).toEqual([expect.objectContaining({ code: 'CLOSED' })])
    expect([states, sessions, other.hellos.length]).toEqual([['open'], ['first', 'new'], 1])
    expect(await network.leftOvers(client)).toEqual([])
    expect(network.releases.sort()).toEqual(['server 0', 'server 1'])
  })

  it('at once is left, too: calls that it did not take find the next session when they fail', async () => {
    const network = new PlayedNetwork({ count: 2 })
    const { client, states } = await connected(network)
    const open = safe(client.stay())
    await network.clock.settle()
    void network.server.session.close({ graceMs: 60_000 })
    const notTaken = safe(client.ping())
    const again = notTaken.then(({ ok, data }) => (ok ? data : client.ping()))
    expect(await network.run(again)).toBe('server 1')
    network.server.staying[0]?.respond({ kind: 'value', value: 'finished' })
    expect((await network.run(open)).data).toBe('finished')
    expect(states).toEqual(['open', 'reconnecting 0', 'open'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('and says when to come back is not asked before', async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network)
    network.server.session.announceEnd({ retryAfterMs: 4_000 })
    await network.clock.advance(3_990)
    expect(network.knocks.length).toBe(1)
    await network.clock.advance(4_100)
    expect(network.knocks.length).toBe(2)
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('and whose connection breaks before there is another one is gone back to', async () => {
    const network = new PlayedNetwork()
    const { client, sessions } = await connected(network)
    const open = safe(client.stay())
    await network.clock.settle()
    network.server.session.announceEnd({ retryAfterMs: 20_000 })
    await network.clock.settle()
    await network.cut()
    await network.clock.advance(200)
    network.server.staying[0]?.respond({ kind: 'value', value: 'finished' })
    expect((await network.run(open)).data).toBe('finished')
    expect(sessions).toEqual(['first', 'resumed'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('and does not let the client in any more keeps it until it goes', async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network)
    network.server.refusal = new RpcError('PERMISSION_DENIED', 'no longer')
    network.server.session.announceEnd()
    await network.clock.advance(5_000)
    expect([client.$connection.state, await network.run(client.ping())]).toEqual(['open', 'server 0'])
    expect(network.knocks.length).toBe(2)
    await network.run(network.server.sessions[0]!.close())
    expect(await network.run(client.$connection.closed())).toMatchObject({ code: 'HELLO_REFUSED' })
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
    // The one that was good is tried first.
    await network.cut()
    await network.clock.advance(200)
    expect(network.knocks.at(-1)).toMatch(/^server 2/)
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('without one that answers fail the first connection with what was wrong with each', async () => {
    const network = new PlayedNetwork({ count: 2 })
    for (const server of network.servers) server.mode = 'down'
    const { client } = network.client()
    const { error } = await network.run(safe(client.ping()))
    expect(error?.message).toBe(
      'Could not connect to test:server-0, test:server-1: test:server-0: nobody listens; test:server-1: nobody listens',
    )
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('of which one does not answer the hello are left for the next', async () => {
    const network = new PlayedNetwork({ count: 2 })
    const { client } = await connected(network, { limits: { connectTimeoutMs: 500 } })
    network.servers[0]!.mode = 'mute'
    await network.cut()
    await network.clock.advance(2_000)
    expect(await network.run(client.ping())).toBe('server 1')
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('credentials that are asked for', () => {
  it('are asked for before each attempt, and shown', async () => {
    const network = new PlayedNetwork()
    let asked = 0
    const { client } = await connected(network, { auth: async () => `token ${++asked}` })
    await network.cut()
    await network.clock.advance(200)
    expect(network.server.hellos.map(({ auth }) => auth)).toEqual([
      { kind: 'value', value: 'token 1' },
      { kind: 'value', value: 'token 2' },
    ])
    expect(client.$connection.state).toBe('open')
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('that fail fail the attempt, and are asked for again', async () => {
    const network = new PlayedNetwork()
    let asked = 0
    const auth = () => {
      if (++asked === 2) throw new Error('the issuer is down')
      return 'token'
    }
    const { client, states } = await connected(network, { auth })
    await network.cut()
    expect(await network.run(client.ping())).toBe('server 0')
    expect([asked, states]).toEqual([3, ['open', 'reconnecting 0', 'reconnecting 1', 'open']])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('that are refused for good end the client', async () => {
    const network = new PlayedNetwork()
    let asked = 0
    const auth = () => {
      if (++asked === 2) throw new RpcError('UNAUTHENTICATED', 'log in again')
      return 'token'
    }
    const { client } = await connected(network, { auth })
    await network.cut()
    const { error } = await network.run(safe(client.ping()))
    expect([error?.code, error?.message]).toEqual(['UNAUTHENTICATED', 'log in again'])
    expect(client.$connection.state).toBe('closed')
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('that fail with an RpcError say when they are asked for again', async () => {
    const network = new PlayedNetwork()
    const times: number[] = []
    const auth = () => {
      times.push(network.clock.nowMs())
      if (times.length === 2) throw new RpcError('UNAVAILABLE', 'the issuer starts', { retryAfterMs: 5_000 })
      return 'token'
    }
    const { client } = await connected(network, { auth })
    await network.cut()
    expect(await network.run(client.ping())).toBe('server 0')
    const [, second = 0, third = 0] = times
    expect(third - second).toBeGreaterThanOrEqual(5_000)
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('that never come fail the attempt within connectTimeoutMs, and those that cannot be sent at once', async () => {
    const network = new PlayedNetwork()
    const never = network.client({
      auth: () => new Promise(() => undefined),
      limits: { connectTimeoutMs: 300 },
    })
    const late = await network.run(safe(never.client.ping()))
    expect(late.error?.message).toBe(
      'Could not connect to test:server-0: the function auth gave no credentials within 300 ms',
    )
    const wrong = network.client({ auth: (() => 5n) as never })
    const unsendable = await network.run(safe(wrong.client.ping()))
    expect([unsendable.error?.code, network.knocks]).toEqual(['UNAVAILABLE', []])
    expect(await network.leftOvers(never.client, wrong.client)).toEqual([])
  })
})

describe('the first connection', () => {
  it('is tried once', async () => {
    const network = new PlayedNetwork()
    network.server.mode = 'down'
    const { client, states } = network.client()
    await expect(network.run(client.$connection.opened())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect([client.$connection.state, states, network.knocks.length]).toEqual(['closed', ['closed'], 1])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('is tried again with first, until it is there', async () => {
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

describe('calls that are made without a connection', () => {
  it('wait in a line that is bounded', async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network, { limits: { callsQueuedMax: 2 } })
    network.server.mode = 'down'
    await network.cut()
    const calls = [client.ping(), client.ping(), client.ping()].map((call) => safe(call))
    await network.clock.settle()
    network.server.mode = 'up'
    const outcomes = await network.run(Promise.all(calls))
    expect(outcomes.map(({ data, error }) => data ?? error?.code)).toEqual([
      'server 0',
      'server 0',
      'RESOURCE_EXHAUSTED',
    ])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it("fail at once with offline: 'fail', and say why", async () => {
    const network = new PlayedNetwork()
    const { client } = network.client({ offline: 'fail' })
    // The first connection is waited for.
    expect(await network.run(client.ping())).toBe('server 0')
    network.server.mode = 'down'
    await network.cut()
    const { error } = await network.run(safe(client.ping()))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    expect(error?.message).toContain('The call was not sent: the client has no connection (CONNECTION_LOST')
    network.server.mode = 'up'
    await network.clock.advance(1_000)
    expect(await network.run(client.ping())).toBe('server 0')
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('an idempotent call whose session has ended', () => {
  it.each([
    ['wait', 0],
    ['fail', 65_536],
    ['fail', 0],
  ] as const)('with offline: %s and resumeBytes %i', async (offline, resumeBytes) => {
    const network = new PlayedNetwork({ resumeBytes })
    const { client } = await connected(network, { offline })
    const call = safe(client.repeat())
    await network.clock.settle()
    network.server.mode = 'down'
    await network.cut()
    const outcomes: string[] = []
    void call.then(({ data, error }) => outcomes.push(data ?? `${error?.code} ${error?.maybeExecuted}`))
    await network.clock.advance(31_000)
    expect(outcomes).toEqual(offline === 'fail' ? ['UNAVAILABLE true'] : [])
    network.server.mode = 'up'
    await network.clock.advance(31_000)
    network.server.staying.at(-1)?.respond({ kind: 'value', value: 'repeated' })
    await network.run(call)
    expect(outcomes).toEqual([offline === 'fail' ? 'UNAVAILABLE true' : 'repeated'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it("is made again with offline: 'fail', too, where there is a connection already", async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network, { offline: 'fail' })
    const call = safe(client.repeat())
    await network.clock.settle()
    network.server.restart()
    await network.cut()
    await network.clock.advance(200)
    network.server.staying.at(-1)?.respond({ kind: 'value', value: 'repeated' })
    expect((await network.run(call)).data).toBe('repeated')
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('$close', () => {
  it('in onStateChange is the last of it: onSession is not told', async () => {
    const network = new PlayedNetwork()
    const { client, sessions } = network.client({
      onStateChange: ({ state }) => {
        if (state === 'open') void client.$close()
      },
    })
    await network.run(client.$connection.closed())
    expect(sessions).toEqual([])
    expect(await network.leftOvers()).toEqual([])
  })

  it('of a client whose open call does not end settles when its grace is over', async () => {
    const network = new PlayedNetwork()
    const { client, states } = await connected(network)
    const open = safe(client.stay())
    await network.clock.settle()
    await network.run(client.$close({ graceMs: 500 }))
    expect((await network.run(open)).error?.code).toBe('UNAVAILABLE')
    expect(await network.run(client.$connection.closed())).toMatchObject({
      code: 'CLOSED',
      closedBy: 'local',
    })
    expect(states).toEqual(['open', 'draining', 'closed'])
    expect(await network.leftOvers()).toEqual([])
  })

  const phases: readonly [string, (network: PlayedNetwork) => Promise<void>][] = [
    ['waits before an attempt', async (network) => void (await network.clock.advance(60))],
    [
      'connects',
      async (network) => {
        network.server.mode = 'unreachable'
        await network.clock.advance(5_000)
      },
    ],
    [
      'shakes hands',
      async (network) => {
        network.server.mode = 'mute'
        await network.clock.advance(1_000)
      },
    ],
  ]
  it.each(phases)('of a client that %s after a cut settles, and leaves nothing', async (_phase, reach) => {
    const network = new PlayedNetwork()
    const { client, states } = await connected(network)
    network.server.mode = 'down'
    await network.cut()
    await network.clock.settle()
    const waits = safe(client.ping())
    await reach(network)
    expect(client.$connection.state).toBe('reconnecting')
    await network.run(client.$close())
    expect([client.$connection.state, states.at(-1)]).toEqual(['closed', 'closed'])
    expect((await network.run(waits)).error?.message).toContain('this client was closed by $close()')
    const knocks = network.knocks.length
    await network.clock.advance(600_000)
    expect(network.knocks.length).toBe(knocks)
    expect(await network.leftOvers()).toEqual([])
  })

  it('of a client that is moving to another connection closes both', async () => {
    const network = new PlayedNetwork({ count: 2 })
    const { client } = await connected(network)
    const open = safe(client.stay())
    await network.clock.settle()
    network.server.session.announceEnd()
    await network.clock.advance(300)
    await network.run(client.$close({ graceMs: 500 }))
    expect((await network.run(open)).error?.code).toBe('UNAVAILABLE')
    expect(client.$connection.state).toBe('closed')
    expect(await network.leftOvers()).toEqual([])
  })
})

describe('a topic that is listened to in an outage', () => {
  it.each([1_000, 40_000])(
    'is subscribed to when there is a connection, after %i ms, and has no gap',
    async (outageMs) => {
      const network = new PlayedNetwork()
      const gaps: string[] = []
      const { client } = await connected(network, { onEventGap: ({ event }) => void gaps.push(event) })
      network.server.mode = 'down'
      await network.cut()
      const outcomes: string[] = []
      const note = (outcome: string) => () => void outcomes.push(outcome)
      client.$on('news', () => undefined).subscribed.then(note('yes'), note('no'))
      await network.clock.advance(outageMs)
      expect(outcomes).toEqual([])
      network.server.restart()
      network.server.mode = 'up'
      await network.run(client.ping())
      await network.clock.settle()
      expect([outcomes, gaps, network.server.subscriptions]).toEqual([['yes'], [], ['subscribe tiny@1/news']])
      expect(await network.leftOvers(client)).toEqual([])
    },
  )

  describe.each([false, true])('by a second listener (strict: %s)', (strict) => {
    async function listened(reconnectTimeoutMs = 300_000) {
      const network = new PlayedNetwork()
      const { client, sessions } = await connected(network, { strict, reconnect: { reconnectTimeoutMs } })
      const first = client.$on('news', () => undefined)
      await network.run(first.subscribed)
      network.server.mode = 'down'
      await network.cut()
      const outcomes: string[] = []
      client
        .$on('news', () => undefined)
        .subscribed.then(
          () => outcomes.push('yes'),
          (error: RpcError) => outcomes.push(error.code),
        )
      await network.clock.advance(1_000)
      expect(outcomes).toEqual([])
      return { network, client, sessions, outcomes, first }
    }

    it.each(['resumed', 'new'])('waits for the next connection, whose session is %s', async (which) => {
      const { network, client, sessions, outcomes } = await listened()
      if (which === 'new') network.server.restart()
      network.server.mode = 'up'
      await network.run(client.ping())
      await network.clock.settle()
      expect([outcomes, sessions.at(-1)]).toEqual([['yes'], which])
      expect(network.server.subscriptions).toHaveLength(which === 'new' ? 2 : 1)
      expect(await network.leftOvers(client)).toEqual([])
    })

    it('is refused when there will be none', async () => {
      const { network, client, outcomes } = await listened(60_000)
      await network.run(client.$connection.closed())
      await network.clock.settle()
      expect(outcomes).toEqual(['UNAVAILABLE'])
      expect(await network.leftOvers(client)).toEqual([])
    })

    it('is refused with what the server of the next connection refuses it with', async () => {
      const { network, client, outcomes } = await listened()
      network.server.restart()
      network.server.subscriptionRefusal = new RpcError('PERMISSION_DENIED', 'no more')
      network.server.mode = 'up'
      await network.run(client.ping())
      await network.clock.settle()
      expect(outcomes).toEqual(['PERMISSION_DENIED'])
      expect(await network.leftOvers(client)).toEqual([])
    })
  })

  it('is refused when the client ends before there is one', async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network, { reconnect: { reconnectTimeoutMs: 60_000 } })
    network.server.mode = 'down'
    await network.cut()
    const subscribed = safe(client.$on('news', () => undefined).subscribed)
    expect((await network.run(subscribed)).error).toMatchObject({ code: 'UNAVAILABLE' })
    expect([network.clock.nowMs(), client.$connection.state]).toEqual([71_000, 'closed'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('is not subscribed to when its listener has left meanwhile', async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network)
    network.server.mode = 'down'
    await network.cut()
    const stop = client.$on('news', () => undefined)
    await network.clock.advance(20_000)
    stop()
    await network.clock.advance(20_000)
    network.server.mode = 'up'
    await network.run(client.ping())
    expect(network.server.subscriptions).toEqual([])
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('a strict client that calls in an outage', () => {
  const another = contract('tiny', {
    version: 1,
    procedures: { ping: procedure({ output: z.number() }), stay: procedure({ output: z.string() }) },
    events: { news: event(z.string(), { subscribe: 'clients' }) },
  }).announcement

  /** A call that is made between two servers. */
  async function between(before: typeof another, after: typeof another) {
    const network = new PlayedNetwork()
    network.server.announcement = before
    const { client } = await connected(network, { strict: true })
    network.server.mode = 'down'
    await network.cut()
    const call = safe(client.ping())
    const late = safe(client.ping({ deadlineMs: 1_000 }))
    const left = new AbortController()
    const aborted = safe(client.ping({ signal: left.signal }))
    const { subscribed } = client.$on('news', () => undefined)
    const listening = safe(subscribed)
    await network.clock.advance(2_000)
    left.abort()
    expect((await network.run(late)).error?.code).toBe('DEADLINE_EXCEEDED')
    expect((await network.run(aborted)).error?.code).toBe('CANCELLED')
    network.server.restart()
    network.server.announcement = after
    network.server.mode = 'up'
    const outcomes = await network.run(Promise.all([call, listening]))
    const told = outcomes.map(({ ok, error }) => (ok ? 'ok' : error.code))
    const reached = [network.server.pings.length > 0, network.server.subscriptions.length]
    expect(await network.leftOvers(client)).toEqual([])
    return [told, reached]
  }

  it('is judged by the server that comes, and not by the one that is gone', async () => {
    expect(await between(another, tiny.announcement)).toEqual([
      ['ok', 'ok'],
      [true, 1],
    ])
  })

  it('refuses what that one has otherwise', async () => {
    const [told] = await between(tiny.announcement, another)
    expect(told).toEqual(['FAILED_PRECONDITION', 'FAILED_PRECONDITION'])
  })
})
