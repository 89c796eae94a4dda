import { contract, procedure } from '@frameport/protocol'
import { type HandlerConnection, implement } from '@frameport/server'
import { expect } from 'vitest'
import { z } from 'zod'
import { testInEveryWorld } from './served-in.ts'

const KiB = 1024

/** Both sides can send rows endlessly. */
const table = contract('table', {
  version: 1,
  procedures: {
    sit: procedure({}),
    rows: procedure({ items: z.object({ n: z.number(), text: z.string() }) }),
    sum: procedure({ upload: z.object({ n: z.number(), text: z.string() }), output: z.number() }),
  },
  clientProcedures: {
    rows: procedure({ items: z.object({ n: z.number(), text: z.string() }) }),
  },
})

const text = 'x'.repeat(200)

async function* firstRows(count: number) {
  for (let n = 0; n < count; n++) yield { n, text }
}

const rows = () => firstRows(Number.POSITIVE_INFINITY)

/** Too little memory for windows of 1,024 rows of all streams. */
const limits = { sessionMemoryBytesMax: 1024 * KiB, bodiesPartialBytesMax: 1024 * KiB }

let connection: HandlerConnection | undefined
/** The handlers of uploads continue when this settles. */
let goOn: Promise<void> | undefined
let uploadsStopped = 0

const made = (own: object = limits) => ({
  options: { limits: { ...own, callsInFlightMax: 1_000 } },
  implementation: implement(table).handlers({
    sit(call) {
      connection = call.connection
    },
    rows,
    async sum({ upload }) {
      let sum = 0
      for await (const { n } of upload) {
        sum += n
        if (upload.items !== 1_500) continue
        uploadsStopped += 1
        await goOn
      }
      return sum
    },
  }),
})

type Row = { readonly n: number }

async function read(streams: readonly AsyncIterator<Row>[], count: number): Promise<number[]> {
  return Promise.all(
    streams.map(async (stream) => {
      let last = -1
      for (let row = 0; row < count; row++) {
        const { value } = await stream.next()
        expect(value.n).toBe(last === -1 ? value.n : last + 1)
        last = value.n
      }
      return last
    }),
  )
}

for (const who of ['a client', 'a server'] as const)
  testInEveryWorld(
    `streams that ${who} stops reading stay within the memory limit of their session, and continue when they are read`,
    made,
    async ({ world, server }) => {
      const client = await world.connect(server, table, { limits, handlers: { rows } })
      await world.run(client.sit())
      const open = () => (who === 'a client' ? client.rows() : connection!.client(table).rows())
      const memory = () =>
        (who === 'a client' ? client.$connection : [...server.connections][0]!).stats().memory
      const streams = Array.from({ length: 20 }, () => open()[Symbol.asyncIterator]())
      await world.run(read(streams, 1_500))
      await world.eventually('rows wait', () => memory().itemBytes > 100 * KiB)
      await world.settle()
      expect(memory().itemBytes).toBeLessThan(1024 * KiB)
      expect(new Set(await world.run(read(streams, 1_500)))).toEqual(new Set([2_999]))
      for (const stream of streams) await stream.return?.()
      expect(memory().itemBytes).toBe(0)
    },
  )

testInEveryWorld(
  'uploads whose handlers read quickly and then pause are not refused for items that their windows allowed',
  made,
  async ({ world, server }) => {
    const client = await world.connect(server, table, { limits })
    uploadsStopped = 0
    let release = () => {}
    goOn = new Promise((resolve) => {
      release = resolve
    })
    const count = 4_000
    const sums = Promise.all(Array.from({ length: 10 }, () => client.sum(firstRows(count))))
    sums.catch(() => undefined)
    await world.eventually('all have stopped', () => uploadsStopped === 10)
    await world.settle()
    release()
    expect(new Set(await world.run(sums))).toEqual(new Set([(count * (count - 1)) / 2]))
  },
)

testInEveryWorld(
  'a thousand unread streams count with all items that have arrived, and do not block other calls',
  () => made({}),
  async ({ world, server }) => {
    const client = await world.connect(server, table, { limits })
    const streams = Array.from({ length: 990 }, () => client.rows()[Symbol.asyncIterator]())
    await world.run(read(streams, 1))
    // Only their initial window: 15 rows of about 400 bytes each.
    await world.eventually(
      'they are full',
      () => client.$connection.stats().memory.itemBytes > 990 * 15 * 350,
    )
    await world.settle()
    expect(client.$connection.stats().memory.itemBytes).toBeLessThan(990 * 16 * 700)
    // Memory is scarce: a further stream begins with one row, and still completes.
    const further = client.rows()[Symbol.asyncIterator]()
    await world.run(read([further], 100))
    await further.return?.()
    await world.run(client.sit())
    expect(await world.run(read(streams.slice(0, 10), 100))).toEqual(Array.from({ length: 10 }, () => 100))
    for (const stream of streams) await stream.return?.()
    expect(client.$connection.stats().memory.itemBytes).toBe(0)
  },
)
