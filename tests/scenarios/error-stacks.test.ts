import { readFileSync } from 'node:fs'
import { type CallOptions, type Client, createClient, isErrorOf, safe } from '@frameport/client'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { lab } from './lab-contract.ts'
import { inEveryWorld } from './setup.ts'
import { startedPair } from './started-pair.ts'

const How = z.object({ how: z.string() })
const errors = { GONE: z.object({ since: z.number() }) }
const trouble = contract('trouble', {
  version: 1,
  procedures: {
    call: procedure({ input: How, output: z.number(), errors }),
    items: procedure({ input: How, items: z.number(), errors }),
  },
})
/** The contract of the client, which the answers of the server do not match. */
const otherTrouble = contract('trouble', {
  version: 1,
  procedures: {
    call: procedure({ input: How, output: z.string(), errors }),
    items: procedure({ input: How, items: z.string(), errors }),
  },
})

const news = contract('news', {
  version: 1,
  procedures: { nothing: procedure({}) },
  events: { news: event(z.string(), { subscribe: 'clients' }) },
})

type TroubleClient = Client<typeof trouble>

async function asked(how: string, gone: (data: { since: number }) => Error, signal: AbortSignal) {
  if (how === 'declared') throw gone({ since: 3 })
  if (how === 'standard') throw new RpcError('NOT_FOUND', 'there is nothing')
  if (how === 'undeclared') throw new RpcError('OUT_OF_MILK', 'no')
  if (how === 'plain') throw new Error('no')
  if (how === 'never')
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  return 1
}

const implementation = () =>
  implement(trouble).handlers({
    call: ({ input, errors, signal }) => asked(input.how, errors.GONE, signal),
    async *items({ input, errors, signal }) {
      if (input.how.startsWith('first ')) yield 0
      yield await asked(input.how.replace('first ', ''), errors.GONE, signal)
    },
  })

/** User code: each awaiting line is marked, and must be in the stack of the error that it receives. */
const callers = {
  async unary(client: TroubleClient, how: unknown, options?: CallOptions) {
    await client.call({ how } as never, options) // waits: unary
  },
  async stream(client: TroubleClient, how: unknown, options?: CallOptions) {
    // biome-ignore format: one line waits
    for await (const _ of client.items({ how } as never, options)) void 0 // waits: stream
  },
}
type Caller = keyof typeof callers

const lines = readFileSync(new URL(import.meta.url), 'utf8').split('\n')

/** The place of a marked line, as a stack must show it. */
function placeOf(mark: string): RegExp {
  const line = lines.findIndex((text) => text.endsWith(`// waits: ${mark}`)) + 1
  expect(line).toBeGreaterThan(0)
  return new RegExp(`error-stacks\\.test\\.ts:${line}:`)
}

async function failureOf(promise: Promise<unknown>): Promise<RpcError> {
  try {
    await promise
  } catch (error) {
    return error as RpcError
  }
  throw new Error('it did not fail')
}

interface Kind {
  readonly code: string
  readonly how?: unknown
  readonly options?: (abort: AbortController) => CallOptions
  /** Runs while the call is in flight. */
  readonly meanwhile?: (client: TroubleClient, abort: AbortController) => unknown
  readonly believes?: typeof otherTrouble
}

const kinds: Readonly<Record<string, Kind>> = {
  'a code of its contract': { code: 'GONE', how: 'declared' },
  'a standard code': { code: 'NOT_FOUND', how: 'standard' },
  'a code that its contract does not declare': { code: 'INTERNAL', how: 'undeclared' },
  'a handler that throws another error': { code: 'INTERNAL', how: 'plain' },
  'an input that the server refuses': { code: 'INVALID_ARGUMENT', how: 5 },
  'an input that cannot be sent': { code: 'INVALID_ARGUMENT', how: 5n },
  'an answer that does not match the contract': { code: 'INTERNAL', how: 'good', believes: otherTrouble },
  'its deadline': { code: 'DEADLINE_EXCEEDED', how: 'never', options: () => ({ deadlineMs: 50 }) },
  'a deadline that has passed': {
    code: 'DEADLINE_EXCEEDED',
    how: 'never',
    options: () => ({ deadlineMs: 0 }),
  },
  'its signal': {
    code: 'CANCELLED',
    how: 'never',
    options: ({ signal }) => ({ signal }),
    meanwhile: (_, abort) => abort.abort(),
  },
  'a signal that was already aborted': {
    code: 'CANCELLED',
    how: 'never',
    options: () => ({ signal: AbortSignal.abort() }),
  },
  'a deadline that is not a number': {
    code: 'INVALID_ARGUMENT',
    how: 'never',
    options: () => ({ deadlineMs: 'soon' as never }),
  },
  'an unknown option': {
    code: 'INVALID_ARGUMENT',
    how: 'never',
    options: () => ({ deadline: 1 }) as never,
  },
  'a closed client': {
    code: 'UNAVAILABLE',
    how: 'never',
    meanwhile: (client) => client.$close({ graceMs: 0 }),
  },
}

describe.each(Object.entries(kinds))('A call that fails because of %s', (_, kind) => {
  it.each<Caller>(['unary', 'stream'])('has the awaiting line in its stack: %s', async (caller) => {
    const { code, how, options, meanwhile, believes } = kind
    const { client, run, clock, close } = await startedPair(
      (believes ?? trouble) as typeof trouble,
      implementation(),
    )
    await run(client.$connection.opened())
    const abort = new AbortController()
    const failing = failureOf(callers[caller](client, how, options?.(abort)))
    if (meanwhile !== undefined) {
      await clock.settle()
      void meanwhile(client, abort)
    }
    const error = await run(failing)
    const fullName = `trouble/${caller === 'unary' ? 'call' : 'items'}`
    expect(error).toMatchObject({ name: 'RpcError', code, procedure: fullName })
    expect(error.stack).toMatch(placeOf(caller))
    expect(error.stack?.startsWith(`RpcError: ${code}`)).toBe(true)
    expect(error.stack?.split('\n')[0]).toContain(fullName)
    expect(String(error)).toBe(error.stack?.split('\n')[0])
    await close()
  })
})

it('a stream that fails after its first item has the line of the loop in its stack', async () => {
  const { client, run, close } = await startedPair(trouble, implementation())
  const error = await run(failureOf(callers.stream(client, 'first declared')))
  expect(error).toMatchObject({ code: 'GONE', data: { since: 3 } })
  expect(error.stack).toMatch(placeOf('stream'))
  await close()
})

it('of two callers that ask for items at once, the one that gets the failure is in its stack, and the other gets the end', async () => {
  const { client, run, close } = await startedPair(trouble, implementation())
  const items = client.items({ how: 'declared' })
  const one = async () => {
    await items.next() // waits: one
  }
  const two = async () => {
    await items.next() // waits: two
  }
  const [first, second] = await run(Promise.all([failureOf(one()), two()]))
  expect(first.stack).toMatch(placeOf('one'))
  expect(second).toBeUndefined()
  await close()
})

it('interceptors that await the call, and safe(), do not hide the awaiting line', async () => {
  const { client, run, close } = await startedPair(trouble, implementation(), {
    client: { interceptors: [async (call, next) => await next(call), (call, next) => next(call)] },
  })
  for (const caller of ['unary', 'stream'] as const) {
    const error = await run(failureOf(callers[caller](client, 'declared')))
    expect(error.stack).toMatch(placeOf(caller))
  }
  const settled = async () => {
    return await safe(client.call({ how: 'declared' })) // waits: safe
  }
  expect((await run(settled())).error?.stack).toMatch(placeOf('safe'))
  const items = client.items({ how: 'declared' })
  const started = async () => {
    await items.started() // waits: started
  }
  const error = await run(failureOf(started()))
  expect(error.stack).toMatch(placeOf('started'))
  expect(error.stack).toContain('RpcError: GONE: trouble/items')
  expect(isErrorOf(trouble.procedures.items, error)).toBe(true)
  await close()
})

it('a refused subscription has its event and the awaiting line in its stack', async () => {
  const { client, run, close } = await startedPair(news, implement(news).handlers({ nothing() {} }), {
    server: {
      authorizeSubscribe() {
        throw new RpcError('PERMISSION_DENIED', 'not for you')
      },
    },
    client: { onSubscribeFailed: () => undefined },
  })
  const refused = async () => {
    await client.$on('news', () => undefined).subscribed // waits: refused
  }
  const error = await run(failureOf(refused()))
  expect(error).toMatchObject({ message: 'not for you', procedure: 'news/news' })
  expect(error.stack).toMatch(/^RpcError: PERMISSION_DENIED: news\/news: not for you\n/)
  expect(error.stack).toMatch(placeOf('refused'))
  await close()
})

it('each failure of a client without a connection has the awaiting line in its stack', async () => {
  const environment = createVirtualClock()
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  const connector = { url: 'pipe:x', connect: () => Promise.reject(refused) }
  const opened = async (client: TroubleClient) => {
    await client.$connection.opened() // waits: opened
  }
  const subscribed = async () => {
    const client = createClient(news, connector, { environment })
    await client.$on('news', () => undefined).subscribed // waits: subscribed
  }
  const waits = { ...callers, opened, subscribed }
  for (const [mark, wait] of Object.entries(waits)) {
    const client = createClient(trouble, connector, { environment })
    const error = await environment.until(failureOf(wait(client, 'good')))
    expect(error.code).toBe('UNAVAILABLE')
    expect(error.stack).toMatch(placeOf(mark))
    await environment.until(client.$connection.closed())
  }
})

it('a lost connection, and a close with wrong options, have the awaiting line in their stacks', async () => {
  const { server, client, run, clock, close } = await startedPair(trouble, implementation())
  await run(client.$connection.opened())
  const badClose = async () => {
    await client.$close({ graceMs: -1 }) // waits: close
  }
  expect((await failureOf(badClose())).stack).toMatch(placeOf('close'))
  const failing = [failureOf(callers.unary(client, 'never')), failureOf(callers.stream(client, 'never'))]
  await clock.settle()
  for (const connection of server.connections) void connection.close({ graceMs: 0 })
  const [unary, stream] = await run(Promise.all(failing))
  expect([unary?.code, stream?.code]).toEqual(['UNAVAILABLE', 'UNAVAILABLE'])
  expect(unary?.stack).toMatch(placeOf('unary'))
  expect(stream?.stack).toMatch(placeOf('stream'))
  await close()
})

describe('Over every transport', () => {
  inEveryWorld((stage, scenario) => {
    scenario('the stack of a failed call or stream names the line that awaits it', async () => {
      const { world, server } = stage()
      const client = await world.connect(server, lab)
      const unary = async () => {
        await client.fail({ how: 'declared' }) // waits: in a world
      }
      const stream = async () => {
        // biome-ignore format: one line waits
        for await (const _ of client.failingItems({ after: 2 })) void 0 // waits: in a loop of a world
      }
      expect((await world.run(failureOf(unary()))).stack).toMatch(placeOf('in a world'))
      expect((await world.run(failureOf(stream()))).stack).toMatch(placeOf('in a loop of a world'))
    })
  })
})
