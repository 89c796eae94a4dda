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

describe('Events', () => {
  inEveryWorld((stage, scenario) => {
    scenario('reach only the clients that are subscribed to the topic, in order', async () => {
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
      expect(server.publish(lab.events.line, { room: 'lobby' }, { text: 'first' }).reached).toBe(2)
      expect(server.publish(lab.events.line, { room: 'lobby' }, { text: 'second' }).reached).toBe(2)
      expect(server.publish(lab.events.line, { room: 'cellar' }, { text: 'nobody' }).reached).toBe(0)
      await world.run(Promise.all([one!.nothing(), two!.nothing(), other!.nothing()]))
      expect(seen).toEqual([['first', 'second'], ['first', 'second'], []])
    })

    scenario(
      'stop after unsubscribe, after a call of the function that $on returned, and after the end of the connection',
      async () => {
        const { world, server } = stage()
        const client = await world.connect(server, lab)
        const lines: string[] = []
        const stop = client.$on('line', { room: 'lobby' }, ({ text }) => void lines.push(text))
        await world.run(client.join({ room: 'lobby' }))
        await world.run(client.join({ room: 'lobby' }))
        expect([...server.connections][0]?.subscriptions).toBe(1)
        expect(server.publish(lab.events.line, { room: 'lobby' }, { text: 'one' }).reached).toBe(1)
        await world.run(client.nothing())
        stop()
        server.publish(lab.events.line, { room: 'lobby' }, { text: 'two' })
        await world.run(client.leave({ room: 'lobby' }))
        expect(server.publish(lab.events.line, { room: 'lobby' }, { text: 'three' }).reached).toBe(0)
        expect(lines).toEqual(['one'])
        await world.run(client.join({ room: 'lobby' }))
        await world.run(client.$close())
        await world.eventually('the server noticed', () => server.connections.size === 0)
        expect(server.publish(lab.events.line, { room: 'lobby' }, { text: 'four' }).reached).toBe(0)
      },
    )

    scenario('can be sent to one client only, whether or not it is subscribed', async () => {
      const { world, server } = stage()
      const client = await world.connect(server, lab)
      const other = await world.connect(server, lab)
      const [mine, theirs] = [linesOf(client, 'desk'), linesOf(other, 'desk')]
      await world.run(client.tell({ room: 'desk' }))
      await world.run(other.nothing())
      expect([mine, theirs]).toEqual([['for you'], []])
    })

    scenario(
      'reach the other listeners if one throws: the connection stays open, and onUncaught gets the error',
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
  })

  inEveryWorld(
    (stage, scenario) => {
      scenario(
        'that do not match the contract are reported to onInvalidEvent and reach no listener',
        async () => {
          const { world, server } = stage()
          const invalid: unknown[] = []
          const client = await world.connect(server, lab, {
            onInvalidEvent: (error) => void invalid.push(error),
          })
          const lines = linesOf(client, 'lobby')
          await world.run(client.join({ room: 'lobby' }))
          server.publish(lab.events.line, { room: 'lobby' }, { text: 7 } as never)
          await world.run(client.nothing())
          expect(lines).toEqual([])
          expect(invalid).toMatchObject([{ code: 'INTERNAL' }])
        },
      )
    },
    { validateOutputs: false },
  )

  it('that do not match the contract are reported on the console without a hook, once for a client', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    const world = memoryWorld()
    const { server } = setStage(world, { validateOutputs: false })
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

  it('that do not match the contract, with a hook that throws, are reported to onUncaught, and the connection stays open', async () => {
    const world = memoryWorld()
    const { server } = setStage(world, { validateOutputs: false })
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

  it('are refused by publish if they belong to another contract or cannot be sent, before any client gets them', async () => {
    const world = memoryWorld()
    const { server } = setStage(world, { validateOutputs: false })
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

  it('that are too large for one subscriber are logged, cause a gap for that one, and reach the others', async () => {
    const world = memoryWorld()
    const stage = setStage(world)
    const { server } = stage
    const gaps: unknown[] = []
    const small = await world.connect(server, lab, {
      limits: { bodyBytesMax: 100 },
      onEventGap: (gap) => void gaps.push(gap),
    })
    const large = await world.connect(server, lab)
    const [ofSmall, ofLarge] = [linesOf(small, 'lobby'), linesOf(large, 'lobby')]
    await world.run(Promise.all([small.join({ room: 'lobby' }), large.join({ room: 'lobby' })]))
    const text = 'x'.repeat(200)
    expect(server.publish(lab.events.line, { room: 'lobby' }, { text }).reached).toBe(1)
    await world.run(Promise.all([small.nothing(), large.nothing()]))
    expect([ofSmall, ofLarge]).toEqual([[], [text]])
    expect(gaps).toEqual([{ event: 'lab/line', topic: { room: 'lobby' }, events: 1 }])
    expect(server.stats().events).toMatchObject({ leftOut: 1 })
    expect(stage.log.find(({ level }) => level === 'warn')?.facts).toMatchObject({
      event: 'lab@1/line',
      connection: 'c1',
    })
    await world.close(server)
  })

  describe('for a reader that has stopped', () => {
    const pair = {
      windowBytes: 1_000,
      highWatermarkBytes: 2_000,
      lowWatermarkBytes: 500,
      chunking: 'as-sent',
    } as const
    const limits = { slowSubscriberBytesMax: 20_000, slowSubscriberMs: 5_000, heartbeatIntervalMs: 0 }

    async function stalled() {
      const world = memoryWorld(pair)
      const stage = setStage(world, { limits })
      const { server } = stage
      const gaps: unknown[] = []
      const slow = await world.connect(server, lab, { onEventGap: (gap) => void gaps.push(gap) })
      const quick = await world.connect(server, lab)
      const [ofSlow, ofQuick] = [linesOf(slow, 'lobby'), linesOf(quick, 'lobby')]
      await world.run(Promise.all([slow.join({ room: 'lobby' }), quick.join({ room: 'lobby' })]))
      world.pairs[0]!.a.pause()
      const publish = (number: number) =>
        server.publish(lab.events.line, { room: 'lobby' }, { text: `${number} ${'x'.repeat(500)}` })
      return { ...stage, world, slow, ofSlow, ofQuick, gaps, publish }
    }

    it('are kept up to a limit and then left out with a gap, and the reader is disconnected later without an effect on others', async () => {
      const { world, server, slow, ofQuick, gone, log, publish } = await stalled()
      let largest = 0
      for (let number = 0; number < 100; number++) {
        publish(number)
        largest = Math.max(largest, [...server.connections][0]!.queuedBytes)
        await world.settle()
      }
      expect(ofQuick).toHaveLength(100)
      expect(largest).toBeGreaterThan(19_000)
      expect(largest).toBeLessThanOrEqual(23_000)
      expect([gone, server.stats().events.leftOut]).toEqual([[], expect.any(Number)])
      expect(server.stats().events.leftOut).toBeGreaterThan(50)
      await world.clock.advance(5_500)
      world.pairs[0]!.a.resume()
      await world.clock.advance(2_000)
      expect(gone).toMatchObject([{ code: 'LIMIT_EXCEEDED' }])
      expect(await world.run(slow.$connection.closed())).toMatchObject({
        code: 'LIMIT_EXCEEDED',
        message: expect.stringContaining('lab@1/line'),
      })
      const line = log.find(({ level }) => level === 'warn')
      expect(line?.facts).toMatchObject({ code: 'LIMIT_EXCEEDED', connection: 'c1' })
      expect(line?.text).toMatch(/does not read its events \(lab@1\/line\)/)
      expect(server.stats().events).toMatchObject({ bytesWaiting: 0, slowSubscribers: 1 })
      await world.close(server)
    })

    it('arrive in order with a gap of the right length if the reader continues in time', async () => {
      const { world, server, ofSlow, gaps, publish } = await stalled()
      for (let number = 0; number < 100; number++) {
        publish(number)
        await world.settle()
      }
      const { leftOut } = server.stats().events
      world.pairs[0]!.a.resume()
      await world.clock.advance(100)
      expect(ofSlow.map((text) => Number.parseInt(text, 10))).toEqual(
        Array.from({ length: 100 - leftOut }, (_, index) => index),
      )
      expect(gaps).toEqual([{ event: 'lab/line', topic: { room: 'lobby' }, events: leftOut }])
      await world.close(server)
    })

    it('make publishers that await publish wait until the reader continues', async () => {
      const { world, server, ofSlow, publish } = await stalled()
      const settled: number[] = []
      const publishing = (async () => {
        for (let number = 0; number < 100; number++) settled.push(await publish(number))
      })()
      await world.clock.advance(1_000)
      expect(settled.length).toBeLessThan(10)
      expect(server.stats().events.bytesWaiting).toBeLessThan(2_000)
      world.pairs[0]!.a.resume()
      await world.run(publishing)
      expect(settled).toEqual(Array.from({ length: 100 }, () => 2))
      await world.run(world.clock.advance(100))
      expect(ofSlow).toHaveLength(100)
      expect(server.stats().events.leftOut).toBe(0)
      await world.close(server)
    })

    it('make publishers wait until the reader is disconnected, which is then not counted', async () => {
      const { world, server, publish } = await stalled()
      for (let number = 0; number < 10; number++) {
        publish(number)
        await world.settle()
      }
      const publication = publish(10)
      expect(publication).toMatchObject({ reached: 2, waiting: 1, leftOut: 0 })
      expect(await world.run(Promise.resolve(publication))).toBe(1)
      expect(world.clock.nowMs()).toBe(5_500)
      await world.clock.advance(10_000)
      await world.close(server)
    })
  })

  it('are encoded once for a hundred subscribers, and only checked without subscribers', async () => {
    const world = memoryWorld()
    const { server } = setStage(world, { validateOutputs: false })
    const stringify = vi.spyOn(JSON, 'stringify')
    onTestFinished(() => stringify.mockRestore())
    let asked = 0
    const counted = {
      text: 'x',
      toJSON() {
        asked++
        return { text: 'x' }
      },
    }
    server.publish(lab.events.line, { room: 'lobby' }, counted)
    // The topic is stringified for the comparison.
    const payloads = stringify.mock.calls.filter(([value]) => typeof value === 'object')
    expect([asked, payloads]).toEqual([1, []])
    const clients = await Promise.all(Array.from({ length: 100 }, () => world.connect(server, lab)))
    const lines = clients.map((client) => linesOf(client, 'lobby'))
    await world.run(Promise.all(clients.map((client) => client.join({ room: 'lobby' }))))
    expect(
      await world.run(Promise.resolve(server.publish(lab.events.line, { room: 'lobby' }, counted))),
    ).toBe(100)
    await world.run(Promise.all(clients.map((client) => client.nothing())))
    expect(asked).toBe(2)
    expect(lines).toEqual(clients.map(() => ['x']))
    await world.close(server)
  })

  it.each([
    [3, 3, true],
    [3, 4, false],
    [3, 300, false],
  ])('with a limit of %i subscriptions, allow %i of them: %s', async (max, wanted, allowed) => {
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
