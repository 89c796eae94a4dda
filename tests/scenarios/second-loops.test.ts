import { describe, expect } from 'vitest'
import { lab } from './lab-contract.ts'
import { inEveryWorld } from './setup.ts'

/** A stream without and with an interceptor. */
const interceptors = {
  'without an interceptor': [],
  'after an interceptor': [(call: never, next: (call: never) => never) => next(call)],
}

describe.each(Object.entries(interceptors))('a stream, %s,', (_, given) => {
  inEveryWorld((stage, scenario) => {
    const counting = async (to: number) => {
      const { world, server } = stage()
      const client = await world.connect(server, lab, { interceptors: given as never })
      return { world, stream: client.count({ to }) }
    }
    const numbersOf = async (stream: AsyncIterable<number>) => {
      const numbers: number[] = []
      for await (const number of stream) numbers.push(number)
      return numbers
    }
    const refused = expect.objectContaining({
      code: 'STREAM_READ_TWICE',
      message: expect.stringMatching(/^a stream of lab\/count was read before: it gives its items once/),
    })

    scenario('that was read to its end refuses a second loop', async () => {
      const { world, stream } = await counting(3)
      expect(await world.run(numbersOf(stream))).toEqual([1, 2, 3])
      expect(() => stream[Symbol.asyncIterator]()).toThrow(refused)
      expect(await world.run(stream.next())).toEqual({ done: true, value: undefined })
    })

    scenario('whose loop was left refuses a second loop', async () => {
      const { world, stream } = await counting(3)
      const first = async () => {
        for await (const number of stream) return number
        return undefined
      }
      expect(await world.run(first())).toBe(1)
      await expect(world.run(numbersOf(stream))).rejects.toEqual(refused)
    })

    scenario('allows a first loop after next(), even if next() has reached the end', async () => {
      const { world, stream } = await counting(1)
      expect(await world.run(stream.next())).toEqual({ done: false, value: 1 })
      expect(await world.run(stream.next())).toEqual({ done: true, value: undefined })
      expect(await world.run(numbersOf(stream))).toEqual([])
    })

    scenario('is shared by two loops that start before its end', async () => {
      const { world, stream } = await counting(6)
      const both = await world.run(Promise.all([numbersOf(stream), numbersOf(stream)]))
      expect(both.flat().sort()).toEqual([1, 2, 3, 4, 5, 6])
    })
  })
})
