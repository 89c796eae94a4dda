import { describe, expect, it } from 'vitest'
import { lab } from './lab-contract.ts'
import { inEveryWorld, setStage } from './setup.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'

describe('A stream', () => {
  inEveryWorld((stage, scenario) => {
    scenario('has started once started() settles: the first step of its generator has run', async () => {
      const { world, server, record } = stage()
      const client = await world.connect(server, lab)
      for (let round = 1; round <= 3; round++) {
        const stream = client.silence()
        await world.run(stream.started())
        expect(record.signals).toHaveLength(round)
        await world.run(stream.return())
      }
      await world.eventually('all were told', () => record.signals.every(({ aborted }) => aborted))
    })

    scenario('settles started() if it is already being read', async () => {
      const { world, server, record } = stage()
      const client = await world.connect(server, lab)
      const stream = client.silence()
      const asked = stream.next()
      await world.eventually('it runs', () => record.signals.length === 1)
      await world.run(stream.started())
      await world.run(stream.return())
      expect(await world.run(asked)).toEqual({ done: true, value: undefined })
    })

    scenario('rejects started() if its input is invalid, or its generator throws at once', async () => {
      const { world, server } = stage()
      const client = await world.connect(server, lab)
      await expect(world.run(client.count({ to: 1.5 }).started())).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      })
      const failing = client.failingItems({ after: 0 })
      await expect(world.run(failing.started())).rejects.toMatchObject({ code: 'ABORTED' })
      await expect(world.run(failing.next())).rejects.toMatchObject({ code: 'ABORTED' })
    })

    scenario('produces one item at a time with a window of one, each when it is requested', async () => {
      const { world, server, record } = stage()
      const client = await world.connect(server, lab)
      const stream = client.count({ to: 5 }, { windowItems: 1 })
      for (let read = 1; read <= 5; read++) {
        expect(await world.run(stream.next())).toEqual({ done: false, value: read })
        await world.settle()
        await world.run(client.nothing())
        expect(record.produced).toBe(read)
      }
      expect(await world.run(stream.next())).toEqual({ done: true, value: undefined })
    })
  })

  it('sends no additional byte unless started() is called', async () => {
    const bytes: number[] = []
    for (const asks of [false, true]) {
      const world = memoryWorld()
      const { server } = setStage(world)
      const client = await world.connect(server, lab)
      await world.run(client.$connection.opened())
      const { a } = world.pairs[0]!
      let sent = 0
      const send = a.send.bind(a)
      a.send = (parts) => {
        for (const part of parts instanceof Uint8Array ? [parts] : parts) sent += part.length
        return send(parts)
      }
      const stream = client.silence()
      // The call is sent with the first of these two.
      const begun = asks ? stream.started() : Promise.resolve()
      const asked = stream.next()
      await world.run(begun)
      await world.settle()
      bytes.push(sent)
      await stream.return()
      await asked
      await world.close(server)
    }
    expect(bytes[1]! - bytes[0]!).toBe(3)
  })
})
