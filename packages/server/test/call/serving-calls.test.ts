import { contract, procedure, RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureOf, join, opened } from '../support/joined.ts'

const room = contract('room', {
  version: 1,
  procedures: {
    ping: procedure({}),
    wait: procedure({}),
    note: procedure({ oneWay: true }),
    numbers: procedure({ items: z.number() }),
    iterates: procedure({ items: z.number() }),
    gathers: procedure({ upload: z.number() }),
    doubles: procedure({ upload: z.number(), items: z.number() }),
  },
})

/** Handlers that run until the test releases them. */
function waiting() {
  const release: (() => void)[] = []
  const wait = () => new Promise<void>((resolve) => void release.push(resolve))
  return { implementation: implement(room).handlers(handlersOf(wait)), release }
}

function handlersOf(wait: () => Promise<void>) {
  const numbers = () => ({
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<number>>(() => undefined),
      return: async () => {
        await wait()
        return { done: true as const, value: undefined }
      },
    }),
  })
  const iterates = () => ({
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        await wait()
        return { done: true as const, value: undefined }
      },
    }),
  })
  async function* doubles() {
    await wait()
    yield* []
  }
  return {
    ping: () => undefined,
    wait,
    note: wait,
    numbers,
    iterates,
    gathers: wait,
    doubles,
  }
}

const oneWay = { isOneway: true }
const address = { remoteEndpoint: 'tcp://192.0.2.1:7' }

describe('A call for which there is no room', () => {
  it.each([
    ['handlersInFlightMax', {}],
    ['handlersPerShareMax', address],
  ])('is refused because of %s, with a time after which to retry', async (limit, from) => {
    const { implementation, release } = waiting()
    const stage = opened(implementation, { limits: { [limit]: 1, refusedRetryAfterMs: 70 } })
    const client = await join(stage, from)
    const first = client.call('room@1/wait')
    await stage.settle()
    expect(await failureOf(client.call('room@1/ping'))).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: expect.stringContaining(limit),
      retryAfterMs: 70,
    })
    release[0]?.()
    await first
    await client.call('room@1/ping')
  })

  it('is logged with the reason if it is one-way, and so is a one-way call of an unknown procedure', async () => {
    const { implementation, release } = waiting()
    const stage = opened(implementation, { limits: { handlersInFlightMax: 1 } })
    const client = await join(stage)
    const first = client.call('room@1/wait')
    await stage.settle()
    await client.call('room@1/note', undefined, oneWay)
    await client.call('room@1/nota', undefined, oneWay)
    release[0]?.()
    await first
    const text = 'a call without an answer was not run'
    const facts = { connection: 'c1', call: 0 }
    expect(stage.lines.filter((line) => line.level === 'warn')).toMatchObject([
      { text, facts: { ...facts, procedure: 'room@1/note', err: { code: 'RESOURCE_EXHAUSTED' } } },
      { text, facts: { ...facts, procedure: 'room@1/nota', err: { code: 'UNIMPLEMENTED' } } },
    ])
  })

  it('is logged if its connection has too many one-way calls in flight', async () => {
    const { implementation, release } = waiting()
    const stage = opened(implementation, { limits: { onewaysInFlightMax: 1 } })
    const client = await join(stage)
    await client.call('room@1/note', undefined, oneWay)
    await stage.settle()
    await client.call('room@1/note', undefined, oneWay)
    await client.call('room@1/ping')
    release[0]?.()
    expect(stage.lines.filter((line) => line.level === 'warn')).toMatchObject([
      {
        text: 'a call without an answer was not run',
        facts: {
          connection: 'c1',
          procedure: 'room@1/note',
          problem: expect.stringContaining('onewaysInFlightMax'),
        },
      },
    ])
  })
})

describe('A handler whose caller has left counts until it has stopped', () => {
  const kinds = [
    ['wait', {}],
    ['numbers', { initialCredit: { items: 1, bytes: 1_000 } }],
    ['gathers', { upload: true }],
    ['doubles', { upload: true, initialCredit: { items: 1, bytes: 1_000 } }],
    ['iterates', { initialCredit: { items: 1, bytes: 1_000 } }],
  ] as const
  const limits = ['handlersInFlightMax', 'handlersPerShareMax'] as const

  it.each(limits.flatMap((limit) => kinds.map(([name, kind]) => [name, limit, kind] as const)))(
    '%s, against %s',
    async (name, limit, kind) => {
      const { implementation, release } = waiting()
      const stage = opened(implementation, { limits: { [limit]: 1 } })
      const client = await join(stage, address)
      const left = client.call(`room@1/${name}`, undefined, { ...kind, deadlineMs: 100 })
      expect((await failureOf(stage.until(left))).code).toBe('DEADLINE_EXCEEDED')
      await stage.settle()
      expect(stage.server.stats().handlersInFlight).toBe(1)
      expect((await failureOf(client.call('room@1/ping'))).code).toBe('RESOURCE_EXHAUSTED')
      release[0]?.()
      await stage.settle()
      await client.call('room@1/ping')
      expect(stage.server.stats().handlersInFlight).toBe(0)
    },
  )

  it.each([...kinds, ['note', oneWay] as const])(
    '%s, even after its connection has closed',
    async (name, kind) => {
      const { implementation, release } = waiting()
      const stage = opened(implementation, { limits: { handlersInFlightMax: 1 } })
      const client = await join(stage, address)
      void client.call(`room@1/${name}`, undefined, kind).catch(() => {})
      await stage.settle()
      client.session.abort({ code: 'ABORTED', message: 'gone' })
      await stage.settle()
      expect(stage.server.stats().handlersInFlight).toBe(1)
      const other = await join(stage, address)
      expect((await failureOf(other.call('room@1/ping'))).code).toBe('RESOURCE_EXHAUSTED')
      release[0]?.()
      await stage.settle()
      await other.call('room@1/ping')
    },
  )
})

describe('A handler that its middleware does not wait for counts until it has stopped', () => {
  const answer = { output: undefined } as never
  type Next = () => Promise<never>
  const kinds: [string, (next: Next) => Promise<never>, string | undefined][] = [
    [
      'answers in its place',
      async (next) => {
        void next()
        return answer
      },
      undefined,
    ],
    [
      'fails in its place',
      async (next) => {
        void next()
        throw new RpcError('UNAVAILABLE', 'too late')
      },
      'UNAVAILABLE',
    ],
    ['does not wait any longer', (next) => Promise.race([next(), Promise.resolve(answer)]), undefined],
  ]
  const behind = [
    ['alone', false],
    ['with one that waits, behind it', true],
  ] as const

  it.each(
    kinds.flatMap(([how, run, code]) =>
      behind.map(([where, more]) => [how, where, run, code, more] as const),
    ),
  )('that %s, %s', async (_how, _where, run, code, more) => {
    const release: (() => void)[] = []
    const waits = implement(room).use(({ next }) => run(next as Next))
    const all = more ? waits.use(async ({ next }) => await next()) : waits
    const wait = () => new Promise<void>((resolve) => void release.push(resolve))
    const implementation = all.handlers(handlersOf(wait))
    const stage = opened(implementation, { limits: { handlersInFlightMax: 1 } })
    const client = await join(stage, address)
    const called = client.call('room@1/wait')
    expect(code === undefined ? await called.then(() => undefined) : (await failureOf(called)).code).toBe(
      code,
    )
    await stage.settle()
    expect(stage.server.stats().handlersInFlight).toBe(1)
    expect((await failureOf(client.call('room@1/wait'))).code).toBe('RESOURCE_EXHAUSTED')
    release[0]?.()
    await stage.settle()
    expect(stage.server.stats().handlersInFlight).toBe(0)
  })
})

it('the description of a contract is a single answer, and a call that asks for items of it fails with UNIMPLEMENTED', async () => {
  const client = await join(opened(waiting().implementation))
  const asked = { contract: 'room', version: 1 }
  expect(await client.call('frameport/describe', asked)).toMatchObject(asked)
  const items = client.call('frameport/describe', asked, { initialCredit: { items: 1, bytes: 1 } })
  expect(await failureOf(items)).toMatchObject({
    code: 'UNIMPLEMENTED',
    message: 'frameport/describe gives one answer on this server, but was called as server-stream.',
  })
})
