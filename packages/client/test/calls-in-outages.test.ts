import { safe } from '@frameport/client'
import { describe, expect, it } from 'vitest'
import { connected, PlayedNetwork } from './support/played-network.ts'

describe('calls that are made without a connection', () => {
  it('wait in a bounded queue', async () => {
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

  it("fail at once with offline: 'fail', and give the reason", async () => {
    const network = new PlayedNetwork()
    const { client } = network.client({ offline: 'fail' })
    // Calls wait for the first connection even with offline: 'fail'.
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

describe('a hook that makes a call while the queue of calls is full', () => {
  it.each(['first', 'resumed', 'new'])(
    'finds room, because the waiting calls are sent first (%s session)',
    async (which) => {
      const network = new PlayedNetwork({ resumeBytes: which === 'new' ? 0 : 65_536 })
      const calls: Promise<unknown>[] = []
      const call = () =>
        void calls.push(safe(made.client.ping()).then(({ data, error }) => data ?? error?.code))
      let isAsked = which === 'first'
      const made = network.client({
        limits: { callsQueuedMax: 2 },
        onStateChange: ({ state }) => state === 'open' && isAsked && call(),
        onSession: () => isAsked && call(),
      })
      if (which !== 'first') {
        await network.run(made.client.$connection.opened())
        network.server.mode = 'down'
        await network.cut()
      }
      isAsked = true
      call()
      call()
      network.server.mode = 'up'
      await network.clock.advance(10_000)
      expect(await network.run(Promise.all(calls))).toEqual(Array.from({ length: 4 }, () => 'server 0'))
      expect(await network.leftOvers(made.client)).toEqual([])
    },
  )
})

describe('a hook that closes the client at once', () => {
  it.each(['first', 'resumed'])(
    'does not prevent waiting calls from being sent (%s session)',
    async (which) => {
      const network = new PlayedNetwork({ resumeBytes: 65_536 })
      let closesNow = which === 'first'
      const made = network.client({
        onSession: () => closesNow && void made.client.$close({ graceMs: 5_000 }),
      })
      if (which !== 'first') {
        await network.run(made.client.$connection.opened())
        network.server.mode = 'down'
        await network.cut()
      }
      closesNow = true
      const call = safe(made.client.ping()).then(({ data, error }) => data ?? error?.code)
      network.server.mode = 'up'
      await network.clock.advance(10_000)
      expect(await network.run(call)).toBe('server 0')
      expect(await network.leftOvers(made.client)).toEqual([])
    },
  )
})

describe('an idempotent call whose session has ended', () => {
  it.each([
    ['wait', 0],
    ['fail', 65_536],
    ['fail', 0],
  ] as const)(
    'is made again, or fails with offline: fail (offline: %s, resumeBytes %i)',
    async (offline, resumeBytes) => {
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
    },
  )

  it("is made again with offline: 'fail', too, if there is a connection already", async () => {
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
