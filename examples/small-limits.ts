import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement, ServerError } from '@frameport/server'
import { z } from 'zod'

const images = contract('images', {
  version: 1,
  procedures: { resize: procedure({ input: z.string(), output: z.string() }) },
})
const handlers = implement(images).handlers({
  async resize({ input, signal }) {
    await sleep(100, undefined, { signal })
    return `${input} is resized`
  },
})

// One handler at a time, and 64 MiB in place of 256 MiB for what all connections hold.
const server = createServer(handlers, {
  limits: { handlersInFlightMax: 1, memoryBytesMax: 64 * 1024 * 1024 },
})
const listener = await server.listen('tcp://127.0.0.1:0')
const client = createClient(images, listener.url)

const [first, second] = await Promise.all([safe(client.resize('cat.png')), safe(client.resize('dog.png'))])
console.log(first.data)
console.log(second.error?.code, second.error?.retryAfterMs)

const { handlersInFlight, memory, totals } = server.stats()
console.log({ handlersInFlight, callsRefused: totals.callsRefused, bytesMax: memory.bytesMax })
await client.$close()
await server.close()

// A wrong value, or a limit that does not exist, fails when the server is made.
try {
  createServer(handlers, { limits: { handlersInFlightMax: 0 } })
} catch (error) {
  if (ServerError.is(error)) console.log(error.code)
}

//> cat.png is resized
//> RESOURCE_EXHAUSTED 1000
//> { handlersInFlight: 0, callsRefused: 1, bytesMax: 67108864 }
//> INVALID_LIMITS
