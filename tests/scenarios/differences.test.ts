import { type ServerDifference, safe } from '@frameport/client'
import { type Contract, contract, event, procedure, RpcError } from '@frameport/protocol'
import { type Implementation, implement } from '@frameport/server'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { startedPair } from './started-pair.ts'

const Text = z.object({ text: z.string() })
const Name = z.object({ name: z.string() })

/** What the server has. `shop` of each test differs by its name, since the console is told once of each pair of states. */
const served = (name: string) =>
  contract(name, {
    version: 1,
    procedures: {
      put: procedure({ input: Name, output: Name, errors: { GONE: z.object({ why: z.string() }) } }),
      same: procedure({ input: Name, output: Name }),
      watch: procedure({ items: Name }),
    },
    events: { news: event(Text), other: event(Text), own: event(Text, { subscribe: 'clients' }) },
  })

/** What the client has: `put` with more on its way there, and less on its way back. */
const known = (name: string) =>
  contract(name, {
    version: 1,
    procedures: {
      put: procedure({
        input: Name.extend({ nick: z.string().optional() }),
        output: Name.extend({ age: z.number() }),
      }),
      same: procedure({ input: Name, output: Name }),
      watch: procedure({ items: Name.extend({ age: z.number() }) }),
    },
    events: {
      news: event(Text.extend({ at: z.number() })),
      other: event(Text),
      own: event(Text.extend({ at: z.number() }), { subscribe: 'clients' }),
    },
  })

function implementation(made: ReturnType<typeof served>): Implementation<object> {
  const { news, other } = made.events
  // Whether clients subscribe to its events is a part of its type.
  return implement(made).handlers({
    put: ({ input, errors }) => {
      if (input.name === 'gone') throw errors.GONE({ why: 'sold' })
      return input
    },
    same: ({ input, connection }) => {
      connection.subscribe(news)
      connection.subscribe(other)
      connection.emit(news, { text: 'a' })
      connection.emit(other, { text: 'b' })
      return input
    },
    async *watch() {
      yield { name: 'Ada' }
    },
  }) as unknown as Implementation<object>
}

type PairOptions = NonNullable<Parameters<typeof startedPair>[2]>

async function differing(name: string, options: PairOptions = {}) {
  const made = served(name)
  return startedPair(known(name), implementation(made), {
    server: { authorizeSubscribe: () => true, ...options.server } as never,
    client: { onContractDifferences: () => undefined, ...options.client },
  })
}

function watchConsole() {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  onTestFinished(() => warn.mockRestore())
  return () => warn.mock.calls.map(([text]) => String(text))
}

const brief = ({ kind, member, place, outcome }: ServerDifference) => `${kind} ${member}/${place} ${outcome}`

describe('$connection.differences()', () => {
  it('has each place of each procedure and event, with what it does to the client', async () => {
    const { client, run, close } = await differing('places')
    const found = await run(client.$connection.differences())
    expect(found?.map(brief)).toEqual([
      'procedure put/input.nick loses',
      'procedure put/output.age fails',
      'procedure put/errors.GONE loses',
      'procedure watch/items.age fails',
      'event news/payload.at fails',
      'event own/payload.at fails',
    ])
    await close()
  })

  it('is empty for equal contracts, and asks nobody', async () => {
    const made = served('equal')
    const { client, run, close, log } = await startedPair(made, implementation(made), {
      server: { authorizeSubscribe: () => true } as never,
    })
    expect(await run(client.$connection.differences())).toEqual([])
    expect(log.filter(({ text }) => text.includes('another state'))).toEqual([])
    expect(await run(client.same({ name: 'a' }))).toEqual({ name: 'a' })
    await close()
  })

  it('is undefined once the client was closed before it was connected', async () => {
    const { client, run, close } = await differing('closed')
    const found = client.$connection.differences()
    await run(client.$close())
    expect(await run(found)).toBeUndefined()
    await close()
  })

  it('has what the server serves in place of a version that it does not', async () => {
    const made = served('versioned')
    const later = contract('versioned', { version: 7, procedures: { put: procedure({}) } })
    const { client, run, close } = await startedPair(later, implementation(made), {
      server: { authorizeSubscribe: () => true } as never,
      client: { onContractDifferences: () => undefined },
    })
    const found = await run(client.$connection.differences())
    expect(found).toMatchObject(
      [{ kind: 'contract', outcome: 'fails', text: /version 1$/ }].map((one) => ({
        ...one,
        text: expect.stringMatching(one.text),
      })),
    )
    const { error } = await run(safe(client.$connection.opened()))
    expect(error).toMatchObject({ code: 'UNIMPLEMENTED' })
    expect(error?.message).toContain('it serves version 1.')
    await close()
  })
})

describe('what is said of differences', () => {
  it('is one line on the console for all clients of a process, without what harms nobody', async () => {
    const lines = watchConsole()
    for (let client = 0; client < 2; client++) {
      const pair = await differing('console', { client: { onContractDifferences: undefined } })
      await pair.run(pair.client.$connection.differences())
      await pair.close()
    }
    expect(lines()).toEqual([
      'frameport: the server at memory: has another state of contract console: ' +
        'input.nick of put is not known to the server, which drops it; ' +
        'output.age of put is required by this client, and not known to the server; ' +
        'items.age of watch is required by this client, and not known to the server; ' +
        'payload.at of news is required by this client, and not known to the server; ' +
        'payload.at of own is required by this client, and not known to the server. ' +
        'client.$connection.differences() has all of them; onContractDifferences takes the place of this warning.',
    ])
  })

  it('is nothing on the console for what only adds to answers', async () => {
    const lines = watchConsole()
    const before = contract('adding', { version: 1, procedures: { get: procedure({ output: Name }) } })
    const after = contract('adding', {
      version: 1,
      procedures: {
        get: procedure({ output: Name.extend({ age: z.number() }), errors: { GONE: Name } }),
        put: procedure({}),
      },
      events: { news: event(Text) },
    })
    const handlers = { get: () => ({ name: 'Ada', age: 36 }), put: () => undefined }
    const { client, run, close } = await startedPair(before, implement(after).handlers(handlers))
    expect((await run(client.$connection.differences()))?.map(brief)).toEqual([
      'procedure get/output.age loses',
      'procedure get/errors.GONE loses',
      'procedure put/ works',
      'event news/ works',
    ])
    expect(lines()).toEqual([])
    await close()
  })

  it('goes to the hook, all of it and once, and what the hook throws to onUncaught', async () => {
    const lines = watchConsole()
    const heard: string[][] = []
    const uncaught: unknown[] = []
    const { client, run, close } = await differing('hook', {
      client: {
        onContractDifferences: (found) => {
          heard.push(found.map(brief))
          throw new Error('of the hook')
        },
        onUncaught: (error) => void uncaught.push((error as Error).message),
      },
    })
    await run(client.$connection.differences())
    await run(client.same({ name: 'a' }))
    expect([heard.length, heard[0]?.length, uncaught, lines()]).toEqual([1, 6, ['of the hook'], []])
    await close()
  })

  it('is one line in the log of the server, whatever the number of clients', async () => {
    const { client, run, close, log } = await differing('logged')
    await run(client.$connection.differences())
    const lines = log.filter(({ text }) => text === 'a client has another state of a contract')
    expect(lines).toMatchObject([{ level: 'info', facts: { contract: 'logged', version: 1 } }])
    await close()
  })
})

describe('a failure of what differs', () => {
  it('says so for an output, also when it comes before the server has said in what', async () => {
    const { client, run, close } = await differing('outputs')
    const { error } = await run(safe(client.put({ name: 'Ada' })))
    expect(error).toMatchObject({ code: 'INTERNAL', maybeExecuted: true })
    expect(error?.message).toMatch(
      /^the output of outputs\/put is not valid at age: .*; client and server have different versions of this procedure; they differ in: input\.nick, output\.age, errors\.GONE; the server does not know input\.nick$/,
    )
    expect(error?.stack).toContain(error?.message)
    await close()
  })

  it('says so for an item, an undeclared code, and a listener', async () => {
    const invalid: RpcError[] = []
    const { client, run, eventually, close } = await differing('kinds', {
      client: { onInvalidEvent: (error) => void invalid.push(error) },
    })
    const item = await run(
      client
        .watch()
        .next()
        .catch((error: RpcError) => error),
    )
    expect((item as RpcError).message).toMatch(/; they differ in: items\.age$/)
    const { error } = await run(safe(client.put({ name: 'gone' })))
    expect(error).toMatchObject({ code: 'UNKNOWN', message: expect.stringContaining('errors.GONE') })
    client.$on('news', () => undefined)
    await run(client.same({ name: 'a' }))
    await eventually('the event was left out', () => invalid.length > 0)
    expect(invalid.map(({ message }) => message)).toEqual([
      expect.stringMatching(/different versions of this event; they differ in: payload\.at$/),
    ])
    await close()
  })

  it('says nothing for a procedure that is the same, and for what a handler threw itself', async () => {
    const { client, run, close } = await differing('silent')
    await run(client.$connection.differences())
    const same = await run(safe(client.same({} as never)))
    expect(same.error).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(same.error?.message).not.toContain('different versions')
    await close()
  })
})

describe('a strict client', () => {
  const strict = (name: string, client: PairOptions['client'] = {}) =>
    differing(name, { client: { strict: true, ...client } })

  it('refuses the first call of a procedure that differs before it is sent, and says in what', async () => {
    const { client, run, close, server } = await strict('refusing')
    const { error } = await run(safe(client.put({ name: 'Ada' })))
    expect(error).toMatchObject({
      code: 'FAILED_PRECONDITION',
      maybeExecuted: false,
      data: { differs: ['input', 'answer', 'errors'] },
    })
    expect(error?.message).toMatch(
      /^refusing\/put is not the same on both sides: they differ in: .*This client is strict\..*update the older one\.$/,
    )
    expect([...server.connections].map((one) => one.callsInFlight)).toEqual([0])
    await close()
  })

  it('refuses a stream at its first item, and lets pass what is the same', async () => {
    const { client, run, close } = await strict('streams')
    const item = await run(
      client
        .watch()
        .next()
        .catch((error: RpcError) => error),
    )
    expect(item).toMatchObject({ code: 'FAILED_PRECONDITION' })
    expect(await run(client.same({ name: 'a' }))).toEqual({ name: 'a' })
    await close()
  })

  it('listens to no event that differs, and says so', async () => {
    const failed: string[] = []
    const { client, run, close } = await strict('listening', {
      onSubscribeFailed: ({ event: name, error }) => void failed.push(`${name} ${error.code}`),
    })
    const heard: string[] = []
    for (const name of ['news', 'own'] as const) {
      const listening = client.$on(name, () => void heard.push(name))
      const { error } = await run(safe(listening.subscribed))
      expect(error).toMatchObject({ code: 'FAILED_PRECONDITION' })
    }
    await run(client.$on('other', ({ text }) => void heard.push(text)).subscribed)
    await run(client.same({ name: 'a' }))
    await run(client.same({ name: 'a' }))
    expect([failed, heard[0]]).toEqual([
      ['listening/news FAILED_PRECONDITION', 'listening/own FAILED_PRECONDITION'],
      'b',
    ])
    expect(heard).not.toContain('news')
    await close()
  })

  it('calls at once when the contracts are equal', async () => {
    const made = served('agreeing')
    const { client, run, close } = await startedPair(made, implementation(made), {
      server: { authorizeSubscribe: () => true } as never,
      client: { strict: true },
    })
    expect(await run(client.put({ name: 'Ada' }))).toEqual({ name: 'Ada' })
    await run(client.$on('own', () => undefined).subscribed)
    await close()
  })

  it('keeps the signal while it waits, and fails with UNAVAILABLE without a connection', async () => {
    const { client, run, close } = await strict('waiting')
    const abort = new AbortController()
    const given = safe(client.put({ name: 'a' }, { signal: abort.signal }))
    abort.abort()
    expect((await run(given)).error).toMatchObject({ code: 'CANCELLED' })
    await run(client.$close())
    expect((await run(safe(client.same({ name: 'a' })))).error).toMatchObject({ code: 'UNAVAILABLE' })
    await close()
  })

  it('refuses a version that the server does not serve, with those that it does', async () => {
    const made = served('old')
    const later: Contract = contract('old', { version: 2, procedures: { put: procedure({}) } })
    const { client, run, close } = await startedPair(later, implementation(made), {
      server: { authorizeSubscribe: () => true } as never,
      client: { strict: true, onContractDifferences: () => undefined },
    })
    const call = (client as unknown as { put(): Promise<void> }).put()
    const error = await run(call.catch((failure: RpcError) => failure))
    expect(RpcError.is(error) ? [error.code, error.message] : error).toEqual([
      'FAILED_PRECONDITION',
      expect.stringContaining('old/put is of version 2, and the server serves old in version 1.'),
    ])
    await close()
  })
})
