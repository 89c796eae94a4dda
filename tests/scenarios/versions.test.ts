import { safe } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { outlinesOf } from '@frameport/protocol/contract'
import type { OutgoingCallOptions } from '@frameport/protocol/session'
import { createServer, implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { sessionTo } from './session-to.ts'
import { startedPair } from './started-pair.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'

const version = (number: number, Output: z.ZodType<unknown>) =>
  contract('shop', {
    version: number,
    procedures: {
      price: procedure({ input: z.object({ id: z.string() }), output: Output }),
      open: procedure({}),
    },
    events: { sale: event(z.number()) },
  })
const first = version(1, z.number())
const second = version(2, z.object({ amount: z.number(), currency: z.string() }))
const third = version(3, z.string())

const implementations = [
  implement(first).handlers({
    price: () => 7,
    open: ({ connection }) => connection.subscribe(first.events.sale),
  }),
  implement(second).handlers({
    price: () => ({ amount: 7, currency: 'EUR' }),
    open: ({ connection }) => connection.subscribe(second.events.sale),
  }),
]

describe('Two versions of a contract on one server', () => {
  it('each serve their clients, with their own calls and events', async () => {
    const world = memoryWorld()
    const server = createServer(implementations, { environment: world.clock })
    const old = await world.connect(server, first)
    const recent = await world.connect(server, second)
    expect(await world.run(old.price({ id: 'a' }))).toBe(7)
    expect(await world.run(recent.price({ id: 'a' }))).toEqual({ amount: 7, currency: 'EUR' })
    const sales: [string, number][] = []
    old.$on('sale', (price) => void sales.push(['old', price]))
    recent.$on('sale', (price) => void sales.push(['recent', price]))
    await world.run(Promise.all([old.open(), recent.open()]))
    server.publish(first.events.sale, 1)
    server.publish(second.events.sale, 2)
    await world.run(Promise.all([old.open(), recent.open()]))
    expect(sales.sort()).toEqual([
      ['old', 1],
      ['recent', 2],
    ])
    await world.close(server)
  })

  it('are listed in the error for a client of a third version', async () => {
    const world = memoryWorld()
    const server = createServer(implementations, { environment: world.clock })
    const client = await world.connect(server, third)
    const { error } = await world.run(safe(client.price({ id: 'a' })))
    expect(error).toMatchObject({ code: 'UNIMPLEMENTED' })
    expect(error?.message).toContain('It serves shop in version 1, 2')
    await world.close(server)
  })
})

/** The same version and the same procedures, one with another answer. */
const changed = contract('shop', {
  version: 1,
  procedures: {
    price: procedure({ input: z.object({ id: z.string() }), output: z.number().nullable() }),
    open: procedure({}),
  },
  events: { sale: event(z.number()) },
})
const implementation = implement(first).handlers({ price: () => 7, open: () => undefined })

describe('Contracts that differ', () => {
  it('allow every call on a server that is not strict', async () => {
    const { client, run, close } = await startedPair(changed, implementation)
    expect(await run(client.price({ id: 'a' }))).toBe(7)
    await close()
  })

  it('refuse the first call of the differing procedure on a strict server, and no other', async () => {
    const { client, run, close } = await startedPair(changed, implementation, { server: { strict: true } })
    expect((await run(safe(client.price({ id: 'a' })))).error).toMatchObject({ code: 'FAILED_PRECONDITION' })
    expect((await run(safe(client.open()))).error).toBeUndefined()
    await close()
  })

  it('do not include equal ones, which send no fingerprints', async () => {
    const { client, run, close } = await startedPair(first, implementation, { server: { strict: true } })
    expect(await run(client.price({ id: 'a' }))).toBe(7)
    await close()
  })
})

describe('frameport/describe', () => {
  async function described(input: unknown, kind: Partial<OutgoingCallOptions> = {}): Promise<unknown> {
    const world = memoryWorld()
    const server = createServer(implementations, { environment: world.clock })
    const session = sessionTo(world, server)
    const answer = new Promise((resolve) => {
      session.call(
        { procedure: 'frameport/describe', input: { kind: 'value', value: input }, ...kind },
        {
          item: () => undefined,
          settled: (error, body) => resolve(error?.code ?? (body.kind === 'value' ? body.value : undefined)),
        },
      )
    })
    const settled = await world.run(answer)
    session.abort({ code: 'ABORTED', message: 'done' })
    await world.close(server)
    return settled
  }

  it.each([first, second])('returns the fingerprints and the outlines of version $version', async (asked) => {
    expect(await described({ contract: 'shop', version: asked.version })).toEqual({
      contract: 'shop',
      version: asked.version,
      procedures: asked.announcement.fingerprints,
      events: asked.announcement.eventFingerprints,
      clientProcedures: {},
      outlines: outlinesOf(asked),
    })
  })

  it.each([
    [{ contract: 'shop', version: 3 }, 'NOT_FOUND'],
    [{ contract: 'shop\u001b[31m', version: 1 }, 'NOT_FOUND'],
    [{ contract: 'shop' }, 'INVALID_ARGUMENT'],
    [[], 'INVALID_ARGUMENT'],
    [undefined, 'INVALID_ARGUMENT'],
  ])('with %j fails with %s', async (input, code) => {
    expect(await described(input)).toBe(code)
  })

  it.each([{ upload: true }, { initialCredit: { items: 1, bytes: 1 } }])(
    'is unary, and refused if it is called with %j',
    async (kind) => {
      expect(await described({ contract: 'shop', version: 1 }, kind)).toBe('UNIMPLEMENTED')
    },
  )
})
