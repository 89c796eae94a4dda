import { safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { createServer } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { lab } from './lab-contract.ts'
import { createLab } from './lab-handlers.ts'
import { inEveryWorld, setStage } from './setup.ts'
import { channelWorld, memoryWorld } from './worlds/virtual-worlds.ts'

/** Counts how often each promise settles, which must be exactly once. */
function counted<T>(promises: readonly Promise<T>[]) {
  const outcomes = promises.map(() => 0)
  promises.forEach((promise, index) => {
    const count = () => void outcomes[index]!++
    promise.then(count, count)
  })
  return outcomes
}

describe('The end', () => {
  inEveryWorld((stage, scenario) => {
    scenario(
      'of the server lets open calls finish within the grace period, and refuses new calls',
      async () => {
        const { world, server, record, gone } = stage()
        const client = await world.connect(server, lab)
        const open = client.wait({ text: 'open' })
        await world.eventually('it runs', () => record.started === 1)
        const closed = server.close({ graceMs: 5_000 })
        expect(server.close()).toBe(closed)
        await world.eventually('the client knows', () => client.$connection.state === 'draining')
        expect((await world.run(safe(client.nothing()))).error).toMatchObject({ code: 'UNAVAILABLE' })
        record.release.get('open')?.()
        expect(await world.run(open)).toEqual({ text: 'open' })
        await world.run(closed)
        expect((await world.run(client.$connection.closed())).code).toBe('CLOSED')
        expect(gone).toMatchObject([{ code: 'CLOSED' }])
        await expect(server.listen('tcp://127.0.0.1:0')).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
      },
    )

    scenario(
      'of either side comes earlier if it is requested again with a shorter grace period',
      async () => {
        const { world, server, record } = stage()
        const [first, second] = await Promise.all([1, 2].map(() => world.connect(server, lab)))
        const calls = [first!, second!].map((client, index) => safe(client.wait({ text: `${index}` })))
        await world.eventually('both run', () => record.started === 2)
        void first!.$close({ graceMs: Infinity })
        await world.run(first!.$close({ graceMs: 0 }))
        expect((await world.run(calls[0]!)).error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
        const closed = server.close({ graceMs: Infinity })
        await world.eventually('the client knows', () => second!.$connection.state === 'draining')
        expect(server.close({ graceMs: 0 })).toBe(closed)
        await world.run(closed)
        expect((await world.run(calls[1]!)).error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
      },
    )

    scenario(
      'of the server aborts calls after the grace period: hundreds of calls settle once each, even if their handlers are stuck',
      async () => {
        const { world, server, record } = stage()
        const clients = await Promise.all([1, 2].map(() => world.connect(server, lab)))
        const calls = clients.flatMap((client) =>
          Array.from({ length: 150 }, (_, index) =>
            index % 3 === 0
              ? client.stuck()
              : index % 3 === 1
                ? client.wait({ text: `${index}` })
                : client.silence().next(),
          ),
        ) as Promise<unknown>[]
        const outcomes = counted(calls)
        const settled = Promise.allSettled(calls)
        await world.eventually('all run', () => record.signals.length === 300)
        await world.run(server.close({ graceMs: 30 }))
        const results = await world.run(settled)
        expect(results).toHaveLength(300)
        for (const result of results) {
          expect(result).toMatchObject({ reason: { code: 'UNAVAILABLE', maybeExecuted: true } })
        }
        expect(outcomes).toEqual(calls.map(() => 1))
        expect(record.signals.filter(({ aborted }) => aborted)).toHaveLength(300)
        expect(server.connections.size).toBe(0)
      },
    )

    scenario('of the client settles each of its calls once and aborts their handlers', async () => {
      const { world, server, record, gone } = stage()
      const client = await world.connect(server, lab)
      const calls = Array.from({ length: 200 }, () => client.stuck())
      const outcomes = counted(calls)
      const settled = Promise.allSettled(calls)
      await world.eventually('all run', () => record.started === 200)
      await world.run(client.$close({ graceMs: 0 }))
      await world.run(settled)
      expect(outcomes).toEqual(calls.map(() => 1))
      await world.eventually('the server noticed', () => gone.length === 1)
      expect(record.signals.filter(({ aborted }) => aborted)).toHaveLength(200)
      expect((await world.run(safe(client.nothing()))).error).toMatchObject({ code: 'UNAVAILABLE' })
    })

    scenario(
      'of a connection that the server closes without a grace period fails its calls and streams with UNAVAILABLE',
      async () => {
        const { world, server, record, gone } = stage()
        const client = await world.connect(server, lab)
        const cut = safe(client.stuck())
        const stream = client.silence()
        const item = stream.next()
        item.catch(() => undefined)
        await world.eventually('both run', () => record.signals.length === 2)
        await world.run(
          Promise.all([...server.connections].map((connection) => connection.close({ graceMs: 0 }))),
        )
        expect((await world.run(cut)).error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
        await expect(world.run(item)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
        await world.eventually('the hook was told', () => gone.length === 1)
      },
      { timeoutMs: 15_000 },
    )

    scenario('of a client during the handshake fails the calls that wait for it', async () => {
      const { world, server } = stage()
      const client = await world.connect(server, lab)
      const waiting = safe(client.nothing())
      await world.run(client.$close())
      expect((await world.run(waiting)).ok).toBe(false)
    })
  })

  it.each([
    ['bytes', memoryWorld],
    ['frames', channelWorld],
  ])(
    'of a connection of %s that is cut on either side fails calls and streams with UNAVAILABLE and maybeExecuted',
    async (_, open) => {
      for (const end of ['a', 'b'] as const) {
        const world = open()
        const { server, record, gone } = setStage(world)
        const client = await world.connect(server, lab)
        const outcomes = [safe(client.stuck()), safe(client.silence().next())]
        await world.eventually('both run', () => record.signals.length === 2)
        world.pairs[0]?.[end].abort()
        for (const { error } of await world.run(Promise.all(outcomes)))
          expect(error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
        expect(await world.run(client.$connection.closed())).toMatchObject({ code: 'CONNECTION_LOST' })
        await world.eventually('the hook was told', () => gone.length === 1)
        expect(gone).toMatchObject([{ code: 'CONNECTION_LOST' }])
        expect(record.signals.map(({ aborted }) => aborted)).toEqual([true, true])
        await world.close(server)
      }
    },
  )

  it('of a connection that the context refuses has the code and retryAfterMs of its error in $connection and in every call', async () => {
    const world = memoryWorld()
    const stage = setStage(world, {
      context: ({ hello }) => {
        if (hello.auth === 'bug') throw new Error('the secret of the context')
        throw new RpcError('UNAUTHENTICATED', 'Who are you?', { retryAfterMs: 300 })
      },
    })
    const stranger = await world.connect(stage.server, lab, { auth: 'x' })
    const refusal = { code: 'UNAUTHENTICATED', message: 'Who are you?', retryAfterMs: 300 }
    expect((await world.run(safe(stranger.nothing()))).error).toMatchObject(refusal)
    await expect(stranger.$connection.opened()).rejects.toMatchObject(refusal)
    expect((await world.run(safe(stranger.nothing()))).error).toMatchObject(refusal)
    const reason = await world.run(stranger.$connection.closed())
    expect(reason).toMatchObject({ code: 'HELLO_REFUSED', retryAfterMs: 300, cause: refusal })
    expect((await world.run(safe(stranger.nothing()))).error).toMatchObject(refusal)
    const unlucky = await world.connect(stage.server, lab, { auth: 'bug' })
    const { error } = await world.run(safe(unlucky.nothing()))
    expect(error?.code).toBe('INTERNAL')
    expect(error?.message).not.toContain('secret')
    expect(
      stage.log.some(({ level, facts }) => level === 'error' && String(facts.err).includes('secret')),
    ).toBe(true)
    expect(stage.gone).toEqual([])
    await world.close(stage.server)
  })

  it('of each context is reported to onDisconnect once, even if the client left while the context was being made', async () => {
    const world = memoryWorld()
    const made: ((context: { user: string }) => void)[] = []
    const stage = setStage(world, { context: () => new Promise((resolve) => made.push(resolve)) })
    const client = await world.connect(stage.server, lab)
    await world.eventually('the hello came', () => made.length === 1)
    world.pairs[0]!.a.abort()
    await world.eventually('it is gone', () => stage.server.connections.size === 0)
    expect(stage.gone).toEqual([])
    made[0]?.({ user: 'late' })
    await world.settle()
    expect(stage.gone).toMatchObject([{ code: 'CONNECTION_LOST' }])
    await world.run(client.$connection.closed())
    await world.close(stage.server)
  })

  it('of a connection follows if onConnection throws, and errors of hooks are logged', async () => {
    const world = memoryWorld()
    const stage = setStage(world, {
      onConnection: () => {
        throw new Error('from onConnection')
      },
      onDisconnect: () => {
        throw new Error('from onDisconnect')
      },
    })
    const client = await world.connect(stage.server, lab)
    await expect(world.run(client.echo({ text: 'a' }))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await world.close(stage.server)
    expect(stage.log.filter(({ level }) => level === 'error').map(({ facts }) => String(facts.err))).toEqual([
      'Error: from onConnection',
      'Error: from onDisconnect',
    ])
  })

  it('of a connection makes room for another one, if connectionsMax had caused a refusal', async () => {
    const world = memoryWorld()
    const stage = setStage(world, { limits: { connectionsMax: 2 } })
    const clients = [await world.connect(stage.server, lab), await world.connect(stage.server, lab)]
    await world.run(Promise.all(clients.map((client) => client.nothing())))
    await expect(world.connect(stage.server, lab)).rejects.toMatchObject({ code: 'CONNECTIONS_MAX' })
    await world.run(clients[0]!.$close())
    await world.eventually('there is room', () => stage.server.connections.size === 1)
    await world.run((await world.connect(stage.server, lab)).nothing())
    await world.close(stage.server)
  })

  it.each([
    [3, 3],
    [3, 4],
    [3, 90],
  ])(
    'is immediate for calls over handlersInFlightMax %i of %i simultaneous calls: they fail with RESOURCE_EXHAUSTED',
    async (max, wanted) => {
      const world = memoryWorld()
      const stage = setStage(world, { limits: { handlersInFlightMax: max } })
      const client = await world.connect(stage.server, lab)
      const calls = Array.from({ length: wanted }, (_, index) => safe(client.wait({ text: `${index}` })))
      await world.eventually('some run', () => stage.record.started === max)
      await world.settle()
      for (const release of stage.record.release.values()) release()
      const outcomes = await world.run(Promise.all(calls))
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(max)
      for (const { error } of outcomes.filter(({ ok }) => !ok)) expect(error?.code).toBe('RESOURCE_EXHAUSTED')
      expect((await world.run(safe(client.nothing()))).ok).toBe(true)
      await world.close(stage.server)
    },
  )

  it.each([0, -1, 1.5, Number.NaN])('createServer refuses a connectionsMax of %d', (connectionsMax) => {
    const { implementation } = createLab()
    expect(() =>
      createServer(implementation, { context: () => ({ user: '' }), limits: { connectionsMax } }),
    ).toThrowError(expect.objectContaining({ code: 'INVALID_LIMITS' }))
  })
})
