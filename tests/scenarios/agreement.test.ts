import { safe } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryWorld } from './worlds/virtual-worlds.ts'

const one = contract('shop', {
  version: 1,
  procedures: {
    price: procedure({ input: z.object({ id: z.string() }), output: z.number() }),
    stock: procedure({ output: z.number() }),
    prices: procedure({ items: z.number() }),
  },
  events: { sale: event(z.number()) },
})
const other = contract('shop', {
  version: 1,
  procedures: {
    price: procedure({ input: z.object({ id: z.number() }), output: z.number() }),
    stock: procedure({ output: z.number() }),
    pricey: procedure({ output: z.number() }),
  },
})

function shop(answer: unknown, validateOutputs = false) {
  const world = memoryWorld()
  const implementation = implement(one).handlers({
    price: () => answer as number,
    stock: () => 7,
    async *prices() {
      yield answer as number
    },
  })
  const server = createServer(implementation, { environment: world.clock, validateOutputs })
  return { world, server, implementation }
}

describe('two versions of a contract', () => {
  it('disagree about one procedure by name and part; the others work, and an unknown one gets a hint', async () => {
    const { world, server } = shop(1)
    const client = await world.connect(server, other)
    const { error } = await world.run(safe(client.price({ id: 1 })))
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', data: { differs: ['input'] } })
    expect(error?.message).toMatch(/shop\/price is not the same on both sides, which differ in: input\./)
    expect(await world.run(client.stock())).toBe(7)
    const unknown = await world.run(safe(client.pricey()))
    expect(unknown.error).toMatchObject({ code: 'UNIMPLEMENTED' })
    expect(unknown.error?.message).toContain('Did you mean shop/price?')
    await world.close(server)
  })
})

describe('an answer that does not fit the contract', () => {
  it.each([false, true])(
    'fails with INTERNAL on the client, and with validateOutputs=%s',
    async (validateOutputs) => {
      const { world, server } = shop('no number', validateOutputs)
      const client = await world.connect(server, one)
      expect((await world.run(safe(client.price({ id: 'a' })))).error).toMatchObject({ code: 'INTERNAL' })
      await expect(world.run(client.prices().next())).rejects.toMatchObject({ code: 'INTERNAL' })
      expect(await world.run(client.stock())).toBe(7)
      await world.close(server)
    },
  )

  it('is refused before it is published only with validateOutputs', async () => {
    const strict = shop(1, true)
    expect(() => strict.server.publish(one.events.sale, 'cheap' as never)).toThrowError(
      expect.objectContaining({ code: 'INVALID_PAYLOAD' }),
    )
    const relaxed = shop(1)
    expect(relaxed.server.publish(one.events.sale, 'cheap' as never)).toBe(0)
  })
})

it('two implementations of one contract on a server are refused', () => {
  const { implementation } = shop(1)
  expect(() => createServer([implementation, implementation])).toThrowError(
    expect.objectContaining({ code: 'DUPLICATE_CONTRACT' }),
  )
})
