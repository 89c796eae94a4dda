import { safe } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startedPair } from './started-pair.ts'

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

const shop = (answer: unknown) =>
  implement(one).handlers({
    price: () => answer as number,
    stock: () => 7,
    async *prices() {
      yield answer as number
    },
  })

describe('Two contracts of the same version', () => {
  it('disagree on a strict server about one procedure, named with its part, while other calls work and an unknown one gets a hint', async () => {
    const { client, run, close } = await startedPair(other, shop(1), { server: { strict: true } })
    const { error } = await run(safe(client.price({ id: 1 })))
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', data: { differs: ['input'] } })
    expect(error?.message).toMatch(/shop\/price differs between client and server in: input\./)
    expect(await run(client.stock())).toBe(7)
    const unknown = await run(safe(client.pricey()))
    expect(unknown.error).toMatchObject({ code: 'UNIMPLEMENTED' })
    expect(unknown.error?.message).toContain('Did you mean shop@1/price?')
    await close()
  })
})

describe('An answer that does not match the contract', () => {
  it('fails with INTERNAL on a server that validates outputs, which logs the reason and hides it from the client', async () => {
    const { client, run, log, close } = await startedPair(one, shop('no number'))
    const failed = [safe(client.price({ id: 'a' })), safe(client.prices().next())] as const
    for (const { error } of await run(Promise.all(failed))) {
      expect(error).toMatchObject({ code: 'INTERNAL', data: undefined })
      expect(error?.message).toContain('under')
      expect(error?.message).not.toContain('number')
    }
    expect(log.filter(({ level }) => level === 'error')).toHaveLength(2)
    expect(await run(client.stock())).toBe(7)
    await close()
  })

  it('fails with INTERNAL on the client if the server does not validate, and the message has the reason', async () => {
    const { client, run, log, close } = await startedPair(one, shop('no number'), {
      server: { validateOutputs: false },
    })
    const { error } = await run(safe(client.price({ id: 'a' })))
    expect(error).toMatchObject({ code: 'INTERNAL', data: { issues: [{ path: '' }] } })
    expect(error?.message).toContain('the output of shop/price is not valid')
    const item = await run(safe(client.prices().next()))
    expect(item.error).toMatchObject({ code: 'INTERNAL', data: { issues: [{ path: '' }] } })
    expect(item.error?.message).toContain('an item of shop/prices is not valid')
    expect(log.filter(({ level }) => level === 'error')).toEqual([])
    expect(await run(client.stock())).toBe(7)
    await close()
  })

  it('is refused by publish, unless validateOutputs is false', async () => {
    const strict = createServer(shop(1))
    expect(() => strict.publish(one.events.sale, 'cheap' as never)).toThrowError(
      expect.objectContaining({ code: 'INVALID_PAYLOAD' }),
    )
    const relaxed = createServer(shop(1), { validateOutputs: false })
    expect(relaxed.publish(one.events.sale, 'cheap' as never).reached).toBe(0)
  })
})

it('a server refuses two implementations of one contract', () => {
  const implementation = shop(1)
  expect(() => createServer([implementation, implementation])).toThrowError(
    expect.objectContaining({ code: 'DUPLICATE_CONTRACT' }),
  )
})
