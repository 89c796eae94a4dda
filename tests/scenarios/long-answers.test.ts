import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { createSimNetwork, type VirtualClock } from '@frameport/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'

const library = contract('library', {
  version: 1,
  procedures: {
    book: procedure({ input: z.number(), output: z.string() }),
    take: procedure({ input: z.string(), output: z.number() }),
    line: procedure({ output: z.string() }),
  },
})
/** Together they are five times as long as the partial bodies that a side accepts. */
const bookBytes = 50_000
const books = 20
/** Bodies are sent in turn, as the connection accepts data. */
const marks = { highWatermarkBytes: 8_000, lowWatermarkBytes: 2_000 }
const limits = { bodyBytesMax: 60_000, bodiesPartialBytesMax: 200_000 }

async function opened() {
  const network = createSimNetwork({ seed: 1, latencyMs: 10, bytesPerSecond: 100_000 })
  const { clock } = network
  const [here, there] = [network.host('here', marks), network.host('there', marks)]
  const server = createServer(
    implement(library).handlers({
      book: ({ input }) => String(input % 10).repeat(bookBytes),
      take: ({ input }) => input.length,
      line: () => 'short',
    }),
    { environment: there.environment, log: false, limits },
  )
  await server.listen(there.acceptor(1))
  const client = createClient(library, here.connector('there:1'), {
    environment: here.environment,
    limits,
  })
  await clock.until(client.$connection.opened())
  const close = async () => {
    await clock.until(client.$close())
    await clock.until(server.close())
    expect(clock.leftOvers()).toEqual([])
  }
  return { clock, client, way: network.between(here, there), close }
}
/** A megabyte is too many packets for `until`. */
async function settled<Value>(clock: VirtualClock, promise: Promise<Value>): Promise<Value> {
  let isOver = false
  const over = () => {
    isOver = true
  }
  promise.then(over, over)
  for (let second = 0; !isOver && second < 300; second += 1) await clock.advance(1_000)
  expect(isOver).toBe(true)
  return promise
}

type Opened = Awaited<ReturnType<typeof opened>>

const kinds: Readonly<Record<string, (client: Opened['client']) => Promise<number>[]>> = {
  'long answers': (client) =>
    Array.from({ length: books }, async (_, index) => (await client.book(index)).length),
  'long inputs': (client) => Array.from({ length: books }, () => client.take('x'.repeat(bookBytes))),
}

it.each(Object.keys(kinds))(
  '%s at the same time wait for each other if they do not all fit, and none fails',
  async (kind) => {
    const { clock, client, close } = await opened()
    const calls = kinds[kind]?.(client) ?? []
    expect(await settled(clock, Promise.all(calls))).toEqual(Array.from({ length: books }, () => bookBytes))
    await close()
  },
)

it.each(Object.keys(kinds))('%s after a silence of 50 s all arrive', async (kind) => {
  const { clock, client, way, close } = await opened()
  const calls = kinds[kind]?.(client) ?? []
  await clock.advance(1_000)
  way.hold()
  await clock.advance(50_000)
  way.release()
  expect(await settled(clock, Promise.all(calls))).toEqual(Array.from({ length: books }, () => bookBytes))
  expect(await clock.until(client.line())).toBe('short')
  await close()
})
