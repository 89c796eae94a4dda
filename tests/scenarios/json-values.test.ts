import { safe } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startedPair } from './started-pair.ts'

const shop = contract('shop', {
  version: 1,
  procedures: {
    put: procedure({ input: z.any() }),
    get: procedure({ output: z.any() }),
    list: procedure({ items: z.any() }),
    fail: procedure({ errors: { GONE: z.any() } }),
    tell: procedure({}),
  },
  events: { told: event(z.any()) },
})

const changed = { rows: [{ due: new Date(0) }] }
const problem = 'JSON cannot carry a Date at rows.0.due (send its toISOString())'

const handlers = implement(shop).handlers({
  put: () => undefined,
  get: () => changed,
  async *list() {
    yield 1
    yield changed
  },
  fail: ({ errors }) => {
    throw errors.GONE(changed)
  },
  tell: ({ connection }) => connection.emit(shop.events.told, changed),
})

describe('A value that JSON would change', () => {
  it('is refused as an input: the call is not sent, and its error has the path', async () => {
    const { client, run, close } = await startedPair(shop, handlers)
    expect((await run(safe(client.put(changed)))).error).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(problem),
      maybeExecuted: false,
    })
    await close()
  })

  it.each(['get', 'list', 'fail', 'tell'] as const)(
    'is not sent by %s: the call fails with a reference, and the log has the path',
    async (name) => {
      const { client, run, close, log } = await startedPair(shop, handlers)
      const call = async () => {
        if (name !== 'list') return client[name]()
        for await (const _ of client.list());
      }
      const { error } = await run(safe(call()))
      expect(error).toMatchObject({ code: 'INTERNAL', message: expect.stringMatching(/log has the reason/) })
      const errors = log.filter(({ level }) => level === 'error')
      const texts = errors.map(({ facts }) => String((facts as { err?: Error }).err?.message))
      expect(texts).toEqual([expect.stringContaining(problem)])
      await close()
    },
  )
})
