import { contract, procedure } from '@frameport/protocol'
import { type CallEnd, implement } from '@frameport/server'
import { expect } from 'vitest'
import { z } from 'zod'
import { testInEveryWorld } from './served-in.ts'

const kinds = contract('kinds', {
  version: 1,
  procedures: {
    unary: procedure({ input: z.number(), output: z.number() }),
    serverStream: procedure({ input: z.number(), items: z.number() }),
    clientStream: procedure({ upload: z.number(), output: z.number() }),
    bothWays: procedure({ upload: z.number(), items: z.number() }),
    oneWay: procedure({ input: z.number(), oneWay: true }),
  },
})

const ends: (Pick<CallEnd, 'outcome' | 'items'> & { readonly path: string })[] = []
const told: number[] = []

function made() {
  ends.length = 0
  told.length = 0
  const implementation = implement(kinds)
    .use(({ next }) => next({ context: { times: 2 } }))
    .use(({ procedure: { path }, next }) =>
      next({ onEnd: ({ outcome, items }) => ends.push({ path, outcome, items }) }),
    )
    .handlers({
      unary: ({ input, context }) => input * context.times,
      async *serverStream({ input, context }) {
        yield input * context.times
      },
      async clientStream({ upload, context }) {
        let sum = 0
        for await (const number of upload) sum += number * context.times
        return sum
      },
      async *bothWays({ upload, context }) {
        for await (const number of upload) yield number * context.times
      },
      oneWay: ({ input, context }) => void told.push(input * context.times),
    })
  return { implementation }
}

async function listOf(items: AsyncIterable<number>): Promise<number[]> {
  const list: number[] = []
  for await (const item of items) list.push(item)
  return list
}

testInEveryWorld(
  'middlewares pass on each kind of call, and observe its end',
  made,
  async ({ world, server, log }) => {
    const client = await world.connect(server, kinds)
    expect(await world.run(client.unary(1))).toBe(2)
    expect(await world.run(listOf(client.serverStream(2)))).toEqual([4])
    expect(await world.run(client.clientStream([1, 2]))).toBe(6)
    expect(await world.run(listOf(client.bothWays([1, 2])))).toEqual([2, 4])
    await world.run(client.oneWay(5))
    await world.eventually('all have ended', () => ends.length === 5)
    expect(told).toEqual([10])
    const items = { unary: 0, serverStream: 1, clientStream: 0, bothWays: 2, oneWay: 0 }
    expect(ends).toEqual(
      Object.entries(items).map(([path, count]) => ({ path, outcome: 'completed', items: count })),
    )
    expect(log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
  },
)
