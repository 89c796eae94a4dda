import type { ClientHandlers, ClientMiddleware, HandlerFailure } from '@frameport/client'
import { bytes, contract, procedure, RpcError } from '@frameport/protocol'
import { type HandlerConnection, implement, isErrorOf, safe } from '@frameport/server'
import { expect } from 'vitest'
import { z } from 'zod'
import { type Served, testInEveryWorld } from './served-in.ts'

/** A desk with a server that calls its clients. */
const desk = contract('desk', {
  version: 1,
  procedures: {
    sit: procedure({}),
    /** The server calls the client that makes this call. */
    askMe: procedure({ input: z.string(), output: z.string() }),
    left: procedure({ output: z.number().nullable() }),
    leftThere: procedure({ output: z.number().nullable() }),
  },
  clientProcedures: {
    ask: procedure({
      input: z.string(),
      output: z.string(),
      errors: { BUSY: z.object({ until: z.number() }) },
    }),
    sit: procedure({ output: z.string() }),
    count: procedure({ input: z.number(), items: z.number() }),
    take: procedure({ input: z.string(), upload: bytes(), output: z.number() }),
    echo: procedure({ upload: z.number(), items: z.number() }),
    note: procedure({ input: z.string(), oneWay: true }),
    never: procedure({}),
    left: procedure({ output: z.number().nullable() }),
    rows: { of: procedure({ output: z.array(z.object({ id: z.number() })) }) },
  },
})

interface Seen {
  readonly notes: string[]
  readonly ended: string[]
  readonly failed: HandlerFailure[]
  connection: HandlerConnection | undefined
  /** The reason with which the signal of the handler `never` was aborted. */
  reason: unknown
  /** Asks the server how much of the deadline is left. */
  leftAtServer: () => Promise<number | null>
}

function made() {
  const seen: Seen = {
    notes: [],
    ended: [],
    failed: [],
    connection: undefined,
    reason: undefined,
    leftAtServer: async () => null,
  }
  const implementation = implement(desk).handlers({
    sit({ connection }) {
      seen.connection = connection
    },
    askMe: ({ input, connection }) => connection.client(desk).ask(input),
    left: ({ remainingMs }) => remainingMs() ?? null,
    leftThere: ({ connection }) => connection.client(desk).left(),
  })
  const handlers: ClientHandlers<typeof desk.clientProcedures> = {
    ask({ input, errors, metadata }) {
      if (input === 'busy') throw errors.BUSY({ until: 5 })
      if (input === 'broken') throw new Error('a secret of the client')
      if (input === 'refused') throw new RpcError('PERMISSION_DENIED', 'not you')
      return `${input}${metadata.mark ?? '!'}`
    },
    sit: () => 'sits',
    async *count({ input }) {
      for (let index = 0; index < input; index++) yield index
    },
    async take({ upload }) {
      let count = 0
      for await (const chunk of upload) count += chunk.length
      return count
    },
    async *echo({ upload }) {
      for await (const number of upload) yield number * 2
    },
    note({ input }) {
      seen.notes.push(input)
      if (input === 'broken') throw new Error('not noted')
    },
    never: ({ signal }) =>
      new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => {
          seen.reason = signal.reason
          reject(signal.reason)
        })
      }),
    left: () => seen.leftAtServer(),
    // The client does not send a column that the contract does not have.
    rows: { of: () => [{ id: 1, secret: 'x' } as { id: number }] },
  }
  return { implementation, handlers, seen }
}

type Desk = Served & {
  readonly seen: Seen
  readonly connection: HandlerConnection
}

const watched: ClientMiddleware = ({ procedure: { fullName }, next }) =>
  next({ onEnd: ({ outcome }) => seenNow?.ended.push(`${fullName} ${outcome}`) })
let seenNow: Seen | undefined

function inEveryWorld(
  name: string,
  run: (
    served: Desk & {
      readonly client: Awaited<ReturnType<typeof connected>>
      readonly people: ReturnType<typeof peopleOf>
    },
  ) => Promise<void>,
): void {
  let one: ReturnType<typeof made>
  testInEveryWorld(
    name,
    () => {
      one = made()
      seenNow = one.seen
      return { implementation: one.implementation }
    },
    async (served) => {
      const client = await connected(served, one)
      await served.world.run(client.sit())
      const connection = one.seen.connection as HandlerConnection
      await run({ ...served, client, seen: one.seen, connection, people: peopleOf(connection) })
      await served.world.eventually('the server is done', () => served.server.stats().handlersInFlight === 0)
    },
  )
}

function connected({ world, server }: Served, { handlers, seen }: ReturnType<typeof made>) {
  return world.connect(server, desk, {
    handlers,
    middlewares: [watched],
    onHandlerFailed: (failed) => seen.failed.push(failed),
  })
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as RpcError,
  )

function peopleOf(connection: HandlerConnection) {
  return connection.client(desk)
}

inEveryWorld(
  'a server calls its client, and equal procedure names on both sides do not collide',
  async (desk) => {
    const { people, seen, world } = desk
    expect(await world.run(people.ask('you'))).toBe('you!')
    expect(await world.run(people.sit())).toBe('sits')
    expect(await world.run(people.ask('you', { metadata: { mark: '?' } }))).toBe('you?')
    expect(seen.ended).toEqual(['desk/ask completed', 'desk/sit completed', 'desk/ask completed'])
  },
)

inEveryWorld('a handler calls the client that called it', async ({ client, world }) => {
  expect(await world.run(client.askMe('me'))).toBe('me!')
})

inEveryWorld('the outputs and inputs of a call to a client are validated', async ({ people, world }) => {
  expect(await world.run(people.rows.of())).toEqual([{ id: 1 }])
  expect(await world.run(failureOf(people.ask(5 as never)))).toMatchObject({
    code: 'INVALID_ARGUMENT',
    procedure: 'desk/ask',
  })
})

inEveryWorld('errors of a client are typed, and do not reveal its internal errors', async (served) => {
  const { people, seen, world } = served
  const busy = await world.run(safe(people.ask('busy')))
  if (busy.ok || busy.error.code !== 'BUSY') throw new Error('not busy')
  expect(busy.error.data.until).toBe(5)
  expect(isErrorOf(desk.clientProcedures.ask, busy.error)).toBe(true)
  const refused = await world.run(failureOf(people.ask('refused')))
  expect(refused).toMatchObject({ code: 'PERMISSION_DENIED', message: expect.stringContaining('not you') })
  const broken = await world.run(failureOf(people.ask('broken')))
  expect(broken).toMatchObject({ code: 'INTERNAL', maybeExecuted: true })
  expect(broken?.message).not.toContain('secret')
  expect(seen.failed).toMatchObject([{ procedure: 'desk/ask', error: { message: 'a secret of the client' } }])
})

inEveryWorld(
  'a stream of a client can be read to its end, and left in the middle',
  async ({ people, seen, world }) => {
    const read = async (count: number, most: number) => {
      const items: number[] = []
      for await (const item of people.count(count)) {
        items.push(item)
        if (items.length === most) break
      }
      return items.length
    }
    expect(await world.run(read(40, 100))).toBe(40)
    expect(await world.run(read(1_000_000, 3))).toBe(3)
    await world.eventually('the handler was left', () => seen.ended.length === 2)
    expect(seen.ended).toEqual(['desk/count completed', 'desk/count left'])
  },
)

inEveryWorld('a server uploads to a client, and streams in both directions', async ({ people, world }) => {
  expect(await world.run(people.take('notes', new Uint8Array(300_000)))).toBe(300_000)
  const echoed = async () => {
    const items: number[] = []
    for await (const item of people.echo([1, 2, 3])) items.push(item)
    return items
  }
  expect(await world.run(echoed())).toEqual([2, 4, 6])
})

inEveryWorld(
  'a one-way call that fails is reported to onHandlerFailed of the client',
  async ({ people, seen, world }) => {
    await world.run(people.note('one'))
    await world.run(people.note('broken'))
    await world.eventually('the client was told', () => seen.failed.length > 0)
    expect(seen.failed).toMatchObject([{ procedure: 'desk/note', error: { message: 'not noted' } }])
    expect(seen.notes).toEqual(['one', 'broken'])
  },
)

inEveryWorld(
  'a cancellation and a deadline of the server abort the handler of the client',
  async ({ people, seen, world }) => {
    const controller = new AbortController()
    const cancelled = failureOf(people.never({ signal: controller.signal }))
    await world.run(people.ask('there'))
    controller.abort()
    expect(await world.run(cancelled)).toMatchObject({ code: 'CANCELLED' })
    await world.eventually('the handler was left', () => seen.reason !== undefined)
    expect(seen.reason).toMatchObject({ code: 'CANCELLED' })
    seen.reason = undefined
    const late = await world.run(failureOf(people.never({ deadlineMs: 30 })))
    expect(late).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    await world.eventually('the handler was left', () => seen.reason !== undefined)
    expect(seen.reason).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  },
)

inEveryWorld(
  'calls to a client that has disconnected fail',
  async ({ people, client, connection, world }) => {
    const open = failureOf(people.never())
    await world.run(people.ask('there'))
    await world.run(client.$close({ graceMs: 0 }))
    expect(await world.run(open)).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    expect(await world.run(failureOf(people.ask('anybody')))).toMatchObject({
      code: 'UNAVAILABLE',
      procedure: 'desk/ask',
      maybeExecuted: false,
    })
    expect(connection.client(desk)).toBe(people)
  },
)

inEveryWorld('a deadline travels to the client and back to the server', async (served) => {
  const { client, seen, people, world } = served
  seen.leftAtServer = () => client.left()
  const left = await world.run(client.leftThere({ deadlineMs: 60_000 }))
  expect(left).toBeGreaterThan(1_000)
  // The default deadline of a server is inherited, too. A call without a deadline passes on none.
  expect(left).toBeLessThanOrEqual(30_000)
  expect(await world.run(people.left())).toBeLessThanOrEqual(30_000)
  expect(await world.run(people.left({ deadlineMs: Number.POSITIVE_INFINITY }))).toBeNull()
})
