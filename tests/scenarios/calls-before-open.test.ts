import { contract, procedure, type RpcError } from '@frameport/protocol'
import type { ClientProcedures } from '@frameport/protocol/calling'
import { type HandlerConnection, implement } from '@frameport/server'
import { expect } from 'vitest'
import { z } from 'zod'
import { testInEveryWorld } from './served-in.ts'

const desk = contract('desk', {
  version: 1,
  procedures: { sit: procedure({}) },
  clientProcedures: {
    ask: procedure({ output: z.string() }),
    count: procedure({ items: z.number() }),
    note: procedure({ input: z.string(), oneWay: true }),
  },
})
type People = ClientProcedures<typeof desk.clientProcedures>

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as RpcError,
  )

async function first<Item>(items: AsyncIterable<Item>): Promise<Item | undefined> {
  for await (const item of items) return item
  return undefined
}

let early: People | undefined
let failures: (RpcError | undefined)[] = []
let fromHook: Promise<unknown> | undefined

/** A server that calls its client in the option `context`, before it has let the client in. */
function hastyServer() {
  early = undefined
  failures = []
  fromHook = undefined
  return {
    implementation: implement(desk)
      .$context<object>()
      .handlers({ sit: () => undefined }),
    options: {
      async context({ connection }: { readonly connection: HandlerConnection }) {
        early = connection.client(desk)
        failures = [
          await failureOf(early.ask()),
          await failureOf(early.note('in')),
          await failureOf(first(early.count())),
        ]
        return {}
      },
      onConnection({ connection }: { readonly connection: HandlerConnection }) {
        fromHook = failureOf(connection.client(desk).ask())
      },
    },
  }
}

const handlers = {
  ask: () => 'asked',
  async *count() {
    yield 1
  },
  note: () => undefined,
}

testInEveryWorld(
  'calls to a client that the server has not accepted yet fail at once',
  hastyServer,
  async (served) => {
    const { world, server } = served
    const client = await world.connect(server, desk, { handlers })
    await world.run(client.sit())
    expect(failures).toMatchObject([
      { code: 'UNAVAILABLE', procedure: 'desk/ask', maybeExecuted: false },
      { code: 'UNAVAILABLE', procedure: 'desk/note', maybeExecuted: false },
      { code: 'UNAVAILABLE', procedure: 'desk/count', maybeExecuted: false },
    ])
    expect(failures[0]?.message).toContain('has not let the client in yet')
    expect(await world.run(fromHook as Promise<unknown>)).toBeUndefined()
    // The functions that were obtained in the option `context` can be used later.
    expect(await world.run((early as People).ask())).toBe('asked')
    expect(await world.run(first((early as People).count()))).toBe(1)
  },
)

testInEveryWorld(
  'functions obtained before the handshake fail with UNIMPLEMENTED if the client has no handlers',
  hastyServer,
  async (served) => {
    const { world, server } = served
    const client = await world.connect(server, desk)
    await world.run(client.sit())
    expect(await world.run(failureOf((early as People).ask()))).toMatchObject({
      code: 'UNIMPLEMENTED',
      message: expect.stringContaining('the call was not made'),
    })
  },
)

testInEveryWorld(
  'a peer that sends nothing does not block a loop that calls all connections',
  hastyServer,
  async (served) => {
    const { world, server } = served
    const raw = await world.connectRaw(server)
    await world.eventually('it has come', () => server.connections.size === 1)
    const [stranger] = server.connections
    const people = stranger?.client(desk)
    expect(await failureOf(people?.ask() as Promise<unknown>)).toMatchObject({ code: 'UNAVAILABLE' })
    expect(stranger?.state).toBe('opening')
    raw.abort()
    await world.eventually('it has gone', () => server.connections.size === 0)
  },
)
