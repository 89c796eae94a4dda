import { safe } from '@frameport/client'
import { describe, expect, it } from 'vitest'
import { lab } from './lab-contract.ts'
import { inEveryWorld, setStage } from './setup.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'

describe('A stream', () => {
  inEveryWorld((stage, scenario) => {
    scenario('returns every item in order and then ends', async () => {
      const { world, server, record } = stage()
      const client = await world.connect(server, lab)
      const items: number[] = []
      await world.run(
        (async () => {
          for await (const item of client.count({ to: 500 })) items.push(item)
        })(),
      )
      expect(items).toEqual(Array.from({ length: 500 }, (_, index) => index + 1))
      expect(record.produced).toBe(500)
    })

    scenario('makes the producer wait for a slow reader, at most one window ahead', async () => {
      const { world, server, record } = stage()
      const client = await world.connect(server, lab, { limits: { streamWindowItems: 4 } })
      const stream = client.count({ to: 1_000 })
      await world.run(stream.next())
      await world.eventually('the window is full', () => record.produced === 4)
      await world.settle()
      await world.run(client.nothing())
      expect(record.produced).toBe(4)
      for (let read = 2; read <= 100; read++) {
        expect(await world.run(stream.next())).toEqual({ done: false, value: read })
        expect(record.produced).toBeLessThanOrEqual(read + 4)
      }
      await world.run(stream.return())
      await world.eventually('the producer was left', () => record.left === 1)
      expect(record.produced).toBeLessThanOrEqual(105)
    })

    scenario('stops its producer when the reader leaves the loop', async () => {
      const { world, server, record } = stage()
      const client = await world.connect(server, lab)
      await world.run(
        (async () => {
          for await (const item of client.count({ to: 1_000_000 })) if (item === 10) break
        })(),
      )
      await world.eventually('the producer was left', () => record.left === 1)
      expect(record.produced).toBeLessThan(50)
      const [connection] = server.connections
      await world.eventually('nothing is open', () => connection?.callsInFlight === 0)
    })

    scenario('does not start its producer until it is read', async () => {
      const { world, server, record } = stage()
      const client = await world.connect(server, lab)
      client.count({ to: 5 })
      await world.run(client.nothing())
      expect(record.produced).toBe(0)
    })

    scenario('can be cancelled while its generator waits forever, and blocks no other call', async () => {
      const { world, server, record } = stage()
      const client = await world.connect(server, lab)
      const controller = new AbortController()
      const first = safe(client.silence({ signal: controller.signal }).next() as never)
      await world.eventually('the producer waits', () => record.signals.length === 1)
      controller.abort()
      expect((await world.run(first)).error).toMatchObject({ code: 'CANCELLED' })
      await world.eventually('it was told', () => record.signals[0]?.aborted === true)
      const second = client.silence()
      const asked = second.next()
      await world.eventually('the second waits', () => record.signals.length === 2)
      expect(await world.run(second.return())).toEqual({ done: true, value: undefined })
      expect(await world.run(asked)).toEqual({ done: true, value: undefined })
      await world.eventually('it was told, too', () => record.signals[1]?.aborted === true)
      expect(await world.run(client.echo({ text: 'alive' }))).toEqual({ text: 'alive' })
    })

    scenario('delivers no item after an abort, even if items had arrived before', async () => {
      const { world, server, record } = stage()
      const client = await world.connect(server, lab)
      const controller = new AbortController()
      const stream = client.count({ to: 100 }, { signal: controller.signal })
      await world.run(stream.next())
      await world.eventually('more has arrived', () => record.produced === 16)
      await world.settle()
      controller.abort()
      await expect(world.run(stream.next())).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(await world.run(stream.next())).toEqual({ done: true, value: undefined })
    })

    scenario(
      'returns the items before the error that its producer throws, then the error, then its end',
      async () => {
        const { world, server } = stage()
        const client = await world.connect(server, lab)
        const stream = client.failingItems({ after: 2 })
        expect(await world.run(stream.next())).toEqual({ done: false, value: 1 })
        expect(await world.run(stream.next())).toEqual({ done: false, value: 2 })
        await expect(world.run(stream.next())).rejects.toMatchObject({
          code: 'ABORTED',
          message: 'The producer gave up.',
        })
        expect(await world.run(stream.next())).toEqual({ done: true, value: undefined })
      },
    )

    scenario('answers several concurrent calls of next() in order', async () => {
      const { world, server } = stage()
      const client = await world.connect(server, lab)
      const stream = client.count({ to: 3 })
      const asks = Promise.all([stream.next(), stream.next(), stream.next(), stream.next()])
      expect((await world.run(asks)).map(({ value }) => value)).toEqual([1, 2, 3, undefined])
    })

    scenario('ends with DEADLINE_EXCEEDED if the deadline passes while it is read', async () => {
      const { world, server } = stage()
      const client = await world.connect(server, lab)
      const stream = client.silence({ deadlineMs: 40 })
      await expect(world.run(stream.next())).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    })
  })

  it('that was left no longer uses a slot of its connection, even if its generator never settles', async () => {
    const world = memoryWorld()
    const { server, record } = setStage(world, { limits: { callsInFlightMax: 1, handlerStopMs: 0 } })
    const client = await world.connect(server, lab)
    for (let round = 1; round <= 3; round++) {
      const stream = client.silence()
      const asked = stream.next()
      await world.eventually('the producer waits', () => record.signals.length === round)
      await stream.return()
      await asked
      await world.eventually('it was told', () => record.signals.at(-1)?.aborted === true)
      await world.clock.advance(1)
    }
    await world.run(client.nothing())
    expect(server.stats().handlersInFlight).toBe(3)
    await world.close(server)
  })

  it('that was left counts as an abandoned call of its connection until its generator stops', async () => {
    const world = memoryWorld()
    const { server, record } = setStage(world, { limits: { callsAbandonedMax: 3, handlerStopMs: 0 } })
    const client = await world.connect(server, lab)
    for (let round = 1; round <= 3; round++) {
      const stream = client.silence()
      const asked = stream.next()
      await world.eventually('the producer waits', () => record.signals.length === round)
      await stream.return()
      await asked
      await world.clock.advance(1)
    }
    await expect(world.run(client.nothing())).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    const other = await world.connect(server, lab)
    await world.run(other.nothing())
    await world.close(server)
  })

  it('also waits for a connection above its high watermark, whatever the credit', async () => {
    const world = memoryWorld({
      windowBytes: 64,
      highWatermarkBytes: 128,
      lowWatermarkBytes: 32,
      chunking: 'as-sent',
    })
    const stage = setStage(world)
    const client = await world.connect(stage.server, lab)
    await world.run(client.$connection.opened())
    const stream = client.count({ to: 10_000 }, { windowItems: 10_000 })
    const first = stream.next()
    const { a } = world.pairs[0]!
    a.pause()
    await world.settle()
    const producedWhilePaused = stage.record.produced
    expect(producedWhilePaused).toBeLessThan(50)
    a.resume()
    expect(await world.run(first)).toEqual({ done: false, value: 1 })
    await world.eventually('it goes on', () => stage.record.produced > 1_000)
    await stream.return()
    await world.close(stage.server)
  })
})
