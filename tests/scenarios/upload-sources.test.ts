import type { Interceptor } from '@frameport/client'
import { contract, procedure, type RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { expect } from 'vitest'
import { z } from 'zod'
import { testInEveryWorld } from './served-in.ts'

const depot = contract('depot', {
  version: 1,
  procedures: {
    sum: procedure({ upload: z.number(), output: z.number() }),
    echo: procedure({ upload: z.number(), items: z.number() }),
  },
})

const made = () => ({
  implementation: implement(depot).handlers({
    async sum({ upload }) {
      let sum = 0
      for await (const number of upload) sum += number
      return sum
    },
    async *echo({ upload }) {
      for await (const number of upload) yield number
    },
  }),
})

/** An iterable that makes an iterator for each reader, and counts them. */
function readAnew(items: readonly number[]) {
  const state = { opened: 0, returned: 0 }
  return {
    state,
    [Symbol.asyncIterator](): AsyncIterator<number, undefined> {
      state.opened += 1
      const iterator = items.values()
      return {
        next: async () => iterator.next(),
        async return() {
          state.returned += 1
          return { done: true, value: undefined }
        },
      }
    },
  }
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as RpcError,
  )

testInEveryWorld(
  'a source that makes an iterator for each reader is asked for one, and only by a call that reads it',
  made,
  async ({ world, server }) => {
    const refuses: Interceptor = (call, next) =>
      call.metadata.refuse === undefined ? next(call) : Promise.resolve(7)
    const client = await world.connect(server, depot, { interceptors: [refuses] })
    const whole = readAnew([1, 2, 3])
    expect(await world.run(client.sum(whole))).toBe(6)
    expect(whole.state).toEqual({ opened: 1, returned: 0 })
    const refused = readAnew([1])
    expect(await world.run(client.sum(refused, { metadata: { refuse: '' } }))).toBe(7)
    await client.echo(refused).return()
    expect(refused.state).toEqual({ opened: 0, returned: 0 })
    await world.run(failure(client.sum(refused, { deadlineMs: Number.NaN })))
    expect(refused.state).toEqual({ opened: 1, returned: 1 })
  },
)
