import { AsyncLocalStorage } from 'node:async_hooks'
import { type Client, createClient } from '@frameport/client'
import { type BackendName, probe } from '@frameport/iocp-core'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement, type Server, type ServerConnection } from '@frameport/server'
import { createMemoryPair } from '@frameport/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startedPair } from './started-pair.ts'

const tenants = ['north', 'south', 'west'] as const
const clientsEach = 4
const callsTotal = 10_000

const desk = contract('desk', {
  version: 1,
  procedures: {
    echo: procedure({ input: z.string(), output: z.string() }),
    count: procedure({ input: z.number(), items: z.number() }),
    wait: procedure({}),
  },
  events: { notice: event(z.string()) },
})

/** Records the async contexts in which user code ran, on both sides. */
class Contexts {
  readonly storage = new AsyncLocalStorage<string>()
  readonly seen = new Map<string, number>()
  readonly foreign = new Map<string, number>()

  note(what: string, owner: string | undefined): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1)
    const store = this.storage.getStore()
    if (store === owner) return
    const text = `${what} of ${owner ?? 'nobody'} ran as ${store ?? 'nobody'}`
    this.foreign.set(text, (this.foreign.get(text) ?? 0) + 1)
  }
}

function served(contexts: Contexts) {
  const note = (what: string) => contexts.note(what, undefined)
  const connections = new Set<ServerConnection>()
  const implementation = implement(desk)
    .use(({ next }) => {
      note('middleware')
      return next()
    })
    .handlers({
      echo: ({ input }) => {
        note('handler')
        return input
      },
      async *count({ input }) {
        for (let item = 0; item < input; item++) {
          note('stream')
          yield item
        }
      },
      wait: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            note('abort')
            reject(signal.reason)
          })
        }),
    })
  const options = {
    context: () => {
      note('context')
      return {}
    },
    onConnection: ({ connection }: { connection: ServerConnection }) => {
      note('onConnection')
      connection.subscribe(desk.events.notice)
      connections.add(connection)
    },
    onDisconnect: ({ connection }: { connection: ServerConnection }) => {
      note('onDisconnect')
      connections.delete(connection)
    },
  }
  return { implementation, options, connections }
}

function serve(contexts: Contexts, backend?: BackendName): Server {
  const { implementation, options } = served(contexts)
  return createServer(implementation, { ...(backend === undefined ? {} : { backend }), ...options })
}

/**
 * Makes `calls` calls one after the other. Some of them are streams, wait for their deadline, or make the server call
 * another client.
 */
async function work(
  contexts: Contexts,
  tenant: string,
  client: Client<typeof desk>,
  calls: number,
  stranger: (call: number) => void,
): Promise<void> {
  client.$on('notice', () => contexts.note('listener', tenant))
  for (let call = 0; call < calls; call++) {
    await client.echo(`${tenant} ${call}`)
    contexts.note('answer', tenant)
    stranger(call)
    if (call % 100 === 0) for await (const _ of client.count(3)) contexts.note('item', tenant)
    if (call % 200 === 0) await client.wait({ deadlineMs: 5 }).catch(() => contexts.note('deadline', tenant))
  }
}

function expectNobodyElse(contexts: Contexts): void {
  expect([...contexts.foreign]).toEqual([])
  const ofServer = ['middleware', 'handler', 'stream', 'abort', 'context', 'onConnection', 'onDisconnect']
  for (const what of [...ofServer, 'listener', 'answer', 'item', 'deadline']) {
    expect(contexts.seen.get(what) ?? 0, what).toBeGreaterThan(0)
  }
  expect(contexts.seen.get('handler')).toBeGreaterThanOrEqual(callsTotal)
}

const callsEach = Math.ceil(callsTotal / tenants.length / clientsEach)

describe('The async context of user code', () => {
  for (const { backend, available } of probe()) {
    if (!available) continue
    test(`is empty in a server and that of the caller in a client, over 10,000 calls on ${backend}`, async () => {
      const contexts = new Contexts()
      const { storage } = contexts
      const server = serve(contexts, backend)
      const { url } = await storage.run('the listener', () => server.listen('tcp://127.0.0.1:0'))
      const tenantWork = (tenant: string) => async () => {
        const client = createClient(desk, url, { backend })
        await work(contexts, tenant, client, callsEach, (call) => {
          if (call % 20 === 0) server.publish(desk.events.notice, `of ${tenant}`)
        })
        await client.$close()
      }
      await Promise.all(
        tenants.flatMap((tenant) =>
          Array.from({ length: clientsEach }, () => storage.run(tenant, tenantWork(tenant))),
        ),
      )
      await storage.run('the closer', () => server.close())
      expectNobodyElse(contexts)
    })
  }

  test('is the same over a pair in memory, where one side runs inside a call of the other', async () => {
    const contexts = new Contexts()
    const { storage } = contexts
    const server = serve(contexts)
    const tenantWork = (tenant: string) => async () => {
      const { a, b } = createMemoryPair()
      storage.run('the acceptor', () => server.accept(b))
      const client = createClient(desk, a)
      await work(contexts, tenant, client, callsEach, (call) => {
        if (call % 20 === 0) server.publish(desk.events.notice, `of ${tenant}`)
      })
      await client.$close()
    }
    await Promise.all(
      tenants.flatMap((tenant) =>
        Array.from({ length: clientsEach }, () => storage.run(tenant, tenantWork(tenant))),
      ),
    )
    await server.close()
    expectNobodyElse(contexts)
  })

  test('is empty for the handlers of a connection that other code closes', async () => {
    const contexts = new Contexts()
    const { implementation, options, connections } = served(contexts)
    const { client, run, close } = await startedPair(desk, implementation, { server: options })
    await client.echo('here')
    const waiting = client.wait().catch(() => undefined)
    await client.echo('behind it')
    const [connection] = connections
    const closed = contexts.storage.run('the closer', () => connection!.close({ graceMs: 0 }))
    await run(closed)
    await run(waiting)
    await close()
    expect([...contexts.foreign]).toEqual([])
    expect(contexts.seen.get('abort')).toBe(1)
  })

  test('reaches the handler and its stream if a middleware enters it', async () => {
    const storage = new AsyncLocalStorage<string>()
    const stores: (string | undefined)[] = []
    const implementation = implement(desk)
      .use(({ next }) => storage.run('entered', () => next()))
      .handlers({
        echo: ({ input }) => {
          stores.push(storage.getStore())
          return input
        },
        async *count({ input }) {
          try {
            for (let item = 0; item < input; item++) {
              stores.push(storage.getStore())
              yield item
            }
          } finally {
            stores.push(storage.getStore())
          }
        },
        wait: () => undefined,
      })
    const { client, close } = await startedPair(desk, implementation)
    await client.echo('once')
    for await (const _ of client.count(100));
    for await (const item of client.count(100)) if (item === 2) break
    await close()
    expect(new Set(stores)).toEqual(new Set(['entered']))
  })
})
