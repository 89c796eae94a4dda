import { safe } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startedPair } from './started-pair.ts'

const User = z.object({ name: z.string() })
const people = contract('people', {
  version: 1,
  procedures: {
    one: procedure({ output: User, errors: { GONE: User } }),
    all: procedure({ items: User }),
    fail: procedure({ errors: { GONE: User } }),
  },
  events: { came: event(User), later: event(z.string().refine(async () => true)) },
})
/** The same contract for a client that accepts any data. */
const curious = contract('people', {
  version: 1,
  procedures: {
    one: procedure({ output: z.any() }),
    all: procedure({ items: z.any() }),
    fail: procedure({ errors: { GONE: z.any() } }),
  },
  events: { came: event(z.any()), later: event(z.any()) },
})

const ada = { name: 'Ada', passwordHash: 'x' }
const wrong = { name: 5 } as never

function implementation(given: typeof ada) {
  return implement(people).handlers({
    one: () => given,
    async *all({ connection }) {
      connection.subscribe(people.events.came)
      connection.emit(people.events.came, given)
      yield given
    },
    fail: ({ errors }) => {
      throw errors.GONE(given)
    },
  })
}

/** Returns what a client receives of everything that a server can send. */
async function sent(validateOutputs: boolean | undefined) {
  const { client, server, run, eventually, close } = await startedPair(curious, implementation(ada), {
    server: validateOutputs === undefined ? {} : { validateOutputs },
  })
  const events: unknown[] = []
  client.$on('came', (payload) => void events.push(payload))
  const result = await run(client.one())
  const { value: item } = await run(client.all().next())
  const { error } = await run(safe(client.fail()))
  await eventually('the event came', () => events.length === 1)
  expect(server.publish(people.events.came, ada).reached).toBe(1)
  await eventually('the other event came', () => events.length === 2)
  await close()
  return [result, item, (error as { data?: unknown }).data, ...events]
}

describe('Data that a schema leaves out', () => {
  it('are not sent in a result, an item, the data of an error or an event', async () => {
    expect(await sent(undefined)).toEqual(Array.from({ length: 5 }, () => ({ name: 'Ada' })))
  })

  it('are sent with validateOutputs: false', async () => {
    expect(await sent(false)).toEqual(Array.from({ length: 5 }, () => ada))
  })
})

describe('An output that does not match its schema', () => {
  it.each(['one', 'all', 'fail'] as const)(
    'of %s fails the call with INTERNAL and a reference, and the reason is logged',
    async (name) => {
      const { client, log, run, close } = await startedPair(people, implementation(wrong))
      const call = name === 'all' ? client.all().next() : client[name]()
      const { error } = await run(safe(call as Promise<unknown>))
      expect(error).toMatchObject({ code: 'INTERNAL', maybeExecuted: true })
      expect(error?.message).toMatch(/log has the reason under c1\/1/)
      const [line] = log.filter(({ level }) => level === 'error')
      expect(line?.facts.err).toMatchObject(
        name === 'all' ? { code: 'INVALID_PAYLOAD' } : { code: 'INVALID_OUTPUT' },
      )
      await close()
    },
  )

  it('is detected by the client with validateOutputs: false, and the error has maybeExecuted', async () => {
    const { client, run, close } = await startedPair(people, implementation(wrong), {
      server: { validateOutputs: false },
    })
    expect((await run(safe(client.one()))).error).toMatchObject({ code: 'INTERNAL', maybeExecuted: true })
    await expect(run(client.all().next())).rejects.toMatchObject({ code: 'INTERNAL', maybeExecuted: true })
    await close()
  })

  it('is refused by publish', () => {
    const server = createServer(implementation(ada))
    expect(() => server.publish(people.events.came, wrong)).toThrowError(
      expect.objectContaining({ code: 'INVALID_PAYLOAD' }),
    )
    expect(
      createServer(implementation(ada), { validateOutputs: false }).publish(people.events.came, wrong)
        .reached,
    ).toBe(0)
  })

  it('of an event with an asynchronous schema cannot be checked, and the error of publish says what to do', () => {
    const server = createServer(implementation(ada))
    expect(() => server.publish(people.events.later, 'text')).toThrowError(
      /people\/later is asynchronous.*validateOutputs: false/,
    )
    expect(
      createServer(implementation(ada), { validateOutputs: false }).publish(people.events.later, 'text')
        .reached,
    ).toBe(0)
  })
})

describe('A call whose interceptor fails', () => {
  it.each([
    ['before it passes the call on', false],
    ['after it has passed the call on', true],
  ])('%s has maybeExecuted %s', async (_, maybeExecuted) => {
    const { client, run, close } = await startedPair(people, implementation(ada), {
      client: {
        interceptors: [
          async (call, next) => {
            if (maybeExecuted) await next(call)
            throw new Error('a defect')
          },
        ],
      },
    })
    expect((await run(safe(client.one()))).error).toMatchObject({ code: 'UNKNOWN', maybeExecuted })
    await close()
  })
})

it('a call that its signal cancels after it was sent has maybeExecuted', async () => {
  const started: unknown[] = []
  const slow = implement(people).handlers({
    one: () => new Promise<never>((resolve) => void started.push(resolve)),
    async *all() {},
    fail: () => undefined,
  })
  const { client, run, eventually, close } = await startedPair(people, slow)
  const aborted = new AbortController()
  const call = safe(client.one({ signal: aborted.signal }))
  await eventually('it runs', () => started.length === 1)
  aborted.abort()
  expect((await run(call)).error).toMatchObject({ code: 'CANCELLED', maybeExecuted: true })
  await close()
})
