import { contract, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { createTestClient } from '@frameport/testing/client'
import { expect, it } from 'vitest'
import { z } from 'zod'

const desk = contract('desk', {
  version: 1,
  procedures: { sell: procedure({ input: z.string(), output: z.boolean() }) },
  clientProcedures: { ask: procedure({ input: z.string(), output: z.boolean() }) },
})
const handlers = implement(desk).handlers({
  sell: ({ input, connection }) => connection.client(desk).ask(`sell ${input}?`),
})

it('a test client answers calls of its server, and each client has its own handlers', async () => {
  const asked: string[] = []
  await using client = createTestClient(handlers, {
    handlers: {
      ask({ input }) {
        asked.push(input)
        return true
      },
    },
  })
  expect(await client.sell('tea')).toBe(true)
  await using other = client.$connect({ handlers: { ask: () => false } })
  expect(await other.sell('tea')).toBe(false)
  expect(asked).toEqual(['sell tea?'])
})
