import { createClient, type Interceptor } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const clock = contract('clock', { version: 1, procedures: { ticks: procedure({ items: z.number() }) } })
const server = createServer(
  implement(clock).handlers({
    async *ticks() {
      for (let tick = 1; ; tick++) yield tick
    },
  }),
)
const { url } = await server.listen('tcp://127.0.0.1:0')

/** Counts the items of each stream. Its `finally` also runs when the reader leaves its loop. */
const counted: Interceptor = async (call, next) => {
  const output = await next(call)
  return isItems(output) ? countItems(call.procedure.path, output) : output
}

function isItems(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output
}

async function* countItems(path: string, items: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  let count = 0
  try {
    for await (const item of items) {
      count += 1
      yield item
    }
  } finally {
    console.log(`${path}: ${count} items`)
  }
}

const client = createClient(clock, url, { interceptors: [counted] })
for await (const tick of client.ticks()) if (tick === 3) break

await client.$close()
await server.close()

//> ticks: 3 items
