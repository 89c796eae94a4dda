import { createClient } from '@frameport/client'
import { createCompletionPort } from '@frameport/iocp-core'
import { contract, procedure, type RpcError } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'

const Left = z.number().nullable()
const back = contract('back', {
  version: 1,
  procedures: {
    left: procedure({ output: Left }),
    lefts: procedure({ items: Left }),
    wait: procedure({}),
  },
})
const How = z.object({
  ownMs: z.number().optional(),
  inherits: z.boolean().optional(),
  afterMs: z.number().optional(),
})
const front = contract('front', {
  version: 1,
  procedures: { ask: procedure({ input: How, output: Left }), asks: procedure({ input: How, items: Left }) },
})

/** A client of a front server, whose handlers call a back server over TCP. */
async function chain(clientOptions: { readonly inheritDeadline?: boolean } = {}) {
  const port = createCompletionPort()
  const ran: string[] = []
  const log = false as const
  const behind = createServer(
    implement(back).handlers({
      left({ remainingMs }) {
        ran.push('left')
        return remainingMs() ?? null
      },
      async *lefts({ remainingMs }) {
        yield remainingMs() ?? null
      },
      wait: ({ signal }) =>
        new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    }),
    { completionPort: port, log },
  )
  const backClient = createClient(back, (await behind.listen('tcp://127.0.0.1:0')).url, {
    completionPort: port,
    ...clientOptions,
  })
  const options = ({ ownMs, inherits }: z.infer<typeof How>) => ({
    ...(ownMs === undefined ? {} : { deadlineMs: ownMs }),
    ...(inherits === undefined ? {} : { inheritDeadline: inherits }),
  })
  const before = createServer(
    implement(front).handlers({
      async ask({ input, signal }) {
        // The caller of this handler may have left. Calls that the handler makes are still refused.
        if (input.afterMs !== undefined)
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return backClient.left(options(input))
      },
      async *asks({ input }) {
        yield null
        yield* backClient.lefts(options(input))
      },
    }),
    { completionPort: port, log },
  )
  const client = createClient(front, (await before.listen('tcp://127.0.0.1:0')).url, { completionPort: port })
  const close = async () => {
    await Promise.all([client.$close(), backClient.$close()])
    await Promise.all([before.close(), behind.close()])
    await port.close()
  }
  return { client, backClient, ran, close }
}

describe('A call that a handler makes', () => {
  let running: Awaited<ReturnType<typeof chain>>
  beforeEach(async () => {
    running = await chain()
  })
  afterEach(() => running.close())

  test('has no more time than the call that is handled', async () => {
    const left = await running.client.ask({}, { deadlineMs: 5_000 })
    expect(left).toBeLessThanOrEqual(5_000)
    expect(left).toBeGreaterThan(1_000)
  })

  test('has its own deadline if that is earlier', async () => {
    expect(await running.client.ask({ ownMs: 2_000 }, { deadlineMs: 60_000 })).toBeLessThanOrEqual(2_000)
    expect(await running.client.ask({ ownMs: 60_000 }, { deadlineMs: 5_000 })).toBeLessThanOrEqual(5_000)
  })

  test('has no deadline if no caller has one', async () => {
    expect(await running.client.ask({})).toBeNull()
    expect(await running.backClient.left()).toBeNull()
  })

  test('inherits the deadline in a generator, also after its first item', async () => {
    const lefts: (number | null)[] = []
    for await (const left of running.client.asks({}, { deadlineMs: 5_000 })) lefts.push(left)
    expect(lefts[0]).toBeNull()
    expect(lefts[1]).toBeGreaterThan(1_000)
    expect(lefts[1]).toBeLessThanOrEqual(5_000)
  })

  test('can be made without inheriting the deadline', async () => {
    expect(await running.client.ask({ inherits: false }, { deadlineMs: 5_000 })).toBeNull()
  })

  test('is refused before it is sent if no time is left', async () => {
    const failure = await running.client
      .ask({ afterMs: 0 }, { deadlineMs: 100 })
      .catch((error: RpcError) => error)
    expect(failure).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    expect(running.ran).toEqual([])
    await running.client.ask({})
    expect(running.ran).toEqual(['left'])
  })
})

test('a client with inheritDeadline: false inherits nothing', async () => {
  const { client, close } = await chain({ inheritDeadline: false })
  expect(await client.ask({}, { deadlineMs: 5_000 })).toBeNull()
  await close()
})
