import assert from 'node:assert/strict'
import { contract, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { assertQuiet, createVirtualClock } from '@frameport/testing'
import { createTestClient } from '@frameport/testing/client'
import { z } from 'zod'

const shop = contract('shop', {
  version: 1,
  procedures: {
    price: procedure({
      input: z.string(),
      output: z.number(),
      errors: { SOLD_OUT: z.object({ days: z.number() }) },
    }),
  },
})
const handlers = implement(shop).handlers({
  async price({ input, errors, signal }) {
    if (input === 'cake') throw errors.SOLD_OUT({ days: 2 })
    if (input === 'wine') await new Promise((_, reject) => signal.addEventListener('abort', reject))
    return 3
  },
})

// One test: the real client calls the real server over a connection in memory.
{
  await using client = createTestClient(handlers)
  assert.equal(await client.price('tea'), 3)
  await assert.rejects(client.price('cake'), { code: 'SOLD_OUT', data: { days: 2 } })
}

// A test of a deadline of one minute. With a virtual clock it takes milliseconds.
{
  const clock = createVirtualClock()
  const client = createTestClient(handlers, { clock })
  const call = client.price('wine', { deadlineMs: 60_000 })
  await clock.until(assert.rejects(call, { code: 'DEADLINE_EXCEEDED' }))
  await clock.until(client.$close())
  assertQuiet(clock) // fails when a timer is left
}
console.log('all tests passed')

//> all tests passed
