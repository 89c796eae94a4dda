import type { Client } from '@frameport/client'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { lab } from './lab-contract.ts'
import { inEveryWorld, setStage } from './setup.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'

type LabClient = Client<typeof lab>

function linesOf(client: LabClient, room: string): string[] {
  const lines: string[] = []
  client.$on('line', { room }, ({ text }) => void lines.push(text))
  return lines
}

describe('events', () => {
  inEveryWorld((stage, scenario) => {
    scenario('reach those who are subscribed to the topic, in order, and nobody else', async () => {
      const { world, server } = stage()
      const [one, two, other] = await Promise.all([1, 2, 3].map(() => world.connect(server, lab)))
      const seen = [one, two, other].map((client) => linesOf(client!, 'lobby'))
      await world.run(
        Promise.all([
          one!.join({ room: 'lobby' }),
          two!.join({ room: 'lobby' }),
          other!.join({ room: 'attic' }),
        ]),
      )
      expect(server.publish(lab.events.line, { room: 'lobby' }, { text: 'first' })).toBe(2)
      expect(server.publish(lab.events.line, { room: 'lobby' }, { text: 'second' })).toBe(2)
      expect(server.publish(lab.events.line, { room: 'cellar' }, { text: 'nobody' })).toBe(0)
      await world.run(Promise.all([one!.nothing(), two!.nothing(), other!.nothing()]))
      expect(seen).toEqual([['first', 'second'], ['first', 'second'], []])
    })

    scenario('stop with unsubscribe, with the function that $on gave, and with the connection', async () => {
      const { world, server } = stage()
      const client = await world.connect(server, lab)
      const lines: string[] = []
      const stop = client.$on('line', { room: 'lobby' }, ({ text }) => void lines.push(text))
      await world.run(client.join({ room: 'lobby' }))
      await world.run(client.join({ room: 'lobby' }))
      expect([...server.connections][0]?.subscriptions).toBe(1)
      expect(server.publish(lab.events.line, { room: 'lobby' }, { text: 'one' })).toBe(1)
      await world.run(client.nothing())
      stop()
      server.publish(lab.events.line, { room: 'lobby' }, { text: 'two' })
      await world.run(client.leave({ room: 'lobby' }))
      expect(server.publish(lab.events.line, { room: 'lobby' }, { text: 'three' })).toBe(0)
      expect(lines).toEqual(['one'])
      await world.run(client.join({ room: 'lobby' }))
      await world.run(client.$close())
      await world.eventually('the server noticed', () => server.connections.size === 0)
      expect(server.publish(lab.events.line, { room: 'lobby' }, { text: 'four' })).toBe(0)
    })

    scenario('can be for one client only, subscribed or not', async () => {
      const { world, server } = stage()
      const client = await world.connect(server, lab)
      const other = await world.connect(server, lab)
      const [mine, theirs] = [linesOf(client, 'desk'), linesOf(other, 'desk')]
      await world.run(client.tell({ room: 'desk' }))
      await world.run(other.nothing())
      expect([mine, theirs]).toEqual([['for you'], []])
    })

    scenario(
      'survive listeners that throw: the others hear it, the connection lives, the error is told',
      async () => {
        const { world, server } = stage()
        const uncaught: unknown[] = []
        const client = await world.connect(server, lab, { onUncaught: (error) => void uncaught.push(error) })
        client.$on('line', { room: 'lobby' }, () => {
          throw new Error('from a listener')
        })
        const lines = linesOf(client, 'lobby')
        await world.run(client.join({ room: 'lobby' }))
        server.publish(lab.events.line, { room: 'lobby' }, { text: 'heard' })
        await world.run(client.nothing())
        expect(lines).toEqual(['heard'])
        expect(uncaught).toMatchObject([{ message: 'from a listener' }])
      },
    )

    scenario('that do not fit the contract are told to onInvalidEvent and reach no listener', async () => {
      const { world, server } = stage()
      const invalid: unknown[] = []
      const client = await world.connect(server, lab, { onInvalidEvent: (error) => void invalid.push(error) })
      const lines = linesOf(client, 'lobby')
      await world.run(client.join({ room: 'lobby' }))
      server.publish(lab.events.line, { room: 'lobby' }, { text: 7 } as never)
      await world.run(client.nothing())
      expect(lines).toEqual([])
      expect(invalid).toMatchObject([{ code: 'INTERNAL' }])
    })
  })

  it('that do not fit the contract are written to the console when no hook is given, once for a client', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    const world = memoryWorld()
    const { server } = setStage(world)
    const client = await world.connect(server, lab)
    const lines = linesOf(client, 'lobby')
    await world.run(client.join({ room: 'lobby' }))
    for (const text of [7, 8, 'good']) server.publish(lab.events.line, { room: 'lobby' }, { text } as never)
    await world.run(client.nothing())
    expect(lines).toEqual(['good'])
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^frameport: the payload of lab\/line .*onInvalidEvent/)],
    ])
    await world.close(server)
  })

  it('whose hook fails are told to onUncaught, and end nothing', async () => {
    const world = memoryWorld()
    const { server } = setStage(world)
    const uncaught: unknown[] = []
    const client = await world.connect(server, lab, {
      onInvalidEvent: () => {
        throw new Error('hook')
      },
      onUncaught: (error) => void uncaught.push(error),
    })
    linesOf(client, 'lobby')
    await world.run(client.join({ room: 'lobby' }))
    server.publish(lab.events.line, { room: 'lobby' }, { text: 7 } as never)
    await world.run(client.nothing())
    expect(uncaught).toMatchObject([{ message: 'hook' }])
    await world.close(server)
  })

  it('refuse an event of another contract, and a payload that cannot be sent, before anybody gets it', async () => {
    const world = memoryWorld()
    const { server } = setStage(world)
    const client = await world.connect(server, lab)
    await world.run(client.join({ room: 'lobby' }))
    const foreign: typeof lab.events.notice = { ...lab.events.notice, wireName: 'other@1/notice' }
    expect(() => server.publish(foreign, 'x')).toThrowError(
      expect.objectContaining({ code: 'UNKNOWN_EVENT' }),
    )
    expect(() => server.publish(lab.events.line, { room: 'lobby' }, { text: 1n } as never)).toThrowError(
      expect.objectContaining({ code: 'INVALID_BODY' }),
    )
    await world.close(server)
  })

  it('too large for one subscriber are logged and left out for that one, and reach the others', async () => {
    const world = memoryWorld()
    const stage = setStage(world)
    const { server } = stage
    const small = await world.connect(server, lab, { limits: { bodyBytesMax: 100 } })
    const large = await world.connect(server, lab)
    const [ofSmall, ofLarge] = [linesOf(small, 'lobby'), linesOf(large, 'lobby')]
    await world.run(Promise.all([small.join({ room: 'lobby' }), large.join({ room: 'lobby' })]))
    const text = 'x'.repeat(200)
    expect(server.publish(lab.events.line, { room: 'lobby' }, { text })).toBe(1)
    await world.run(Promise.all([small.nothing(), large.nothing()]))
    expect([ofSmall, ofLarge]).toEqual([[], [text]])
    expect(stage.log.find(({ level }) => level === 'warn')?.facts).toMatchObject({
      event: 'lab@1/line',
      connection: 'c1',
    })
    await world.close(server)
  })

  it('of a reader that has stopped are not kept: it is disconnected by name at the limit, the others notice nothing', async () => {
    const world = memoryWorld({
      windowBytes: 1_000,
      highWatermarkBytes: 2_000,
      lowWatermarkBytes: 500,
      chunking: 'as-sent',
    })
    const stage = setStage(world, { limits: { slowSubscriberBytesMax: 10_000 } })
    const { server } = stage
    const slow = await world.connect(server, lab)
    const quick = await world.connect(server, lab)
    const lines = linesOf(quick, 'lobby')
    await world.run(Promise.all([slow.join({ room: 'lobby' }), quick.join({ room: 'lobby' })]))
    world.pairs[0]!.a.pause()
    let largest = 0
    for (let number = 0; number < 100; number++) {
      server.publish(lab.events.line, { room: 'lobby' }, { text: `${number} ${'x'.repeat(500)}` })
      largest = Math.max(largest, world.pairs[0]!.b.queuedBytes)
      await world.settle()
    }
    expect(lines).toHaveLength(100)
    expect(largest).toBeGreaterThan(9_000)
    expect(largest).toBeLessThanOrEqual(11_000)
    expect(stage.gone).toMatchObject([{ code: 'LIMIT_EXCEEDED' }])
    const line = stage.log.find(({ level }) => level === 'warn')
    expect(line?.facts).toMatchObject({ code: 'LIMIT_EXCEEDED', connection: 'c1' })
    expect(line?.text).toMatch(/does not read its events \(lab@1\/line\)/)
    await world.close(server)
  })

  it.each([
    [3, 3, true],
    [3, 4, false],
    [3, 300, false],
  ])('with a limit of %i subscriptions, %i are allowed: %s', async (max, wanted, allowed) => {
    const world = memoryWorld()
    const { server } = setStage(world, { limits: { subscriptionsPerConnectionMax: max } })
    const client = await world.connect(server, lab)
    const joins = Array.from({ length: wanted }, (_, index) => client.join({ room: `room ${index}` }))
    const outcomes = await world.run(Promise.allSettled(joins))
    const refused = outcomes.filter(({ status }) => status === 'rejected')
    expect(refused.length === 0).toBe(allowed)
    expect(refused).toHaveLength(Math.max(0, wanted - max))
    for (const outcome of refused) expect(outcome).toMatchObject({ reason: { code: 'RESOURCE_EXHAUSTED' } })
    await world.close(server)
  })
})
