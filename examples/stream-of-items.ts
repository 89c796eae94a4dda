import { createClient, isErrorOf } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const counter = contract('counter', {
  version: 1,
  procedures: {
    count: procedure({
      input: z.object({ from: z.number() }),
      items: z.number(),
      errors: { TOO_LOW: z.object({ lowest: z.number() }) },
    }),
  },
})

let generatorsRunning = 0
const server = createServer(
  implement(counter).handlers({
    async *count({ input, errors }) {
      generatorsRunning += 1
      try {
        for (let value = input.from; ; value--) {
          if (value < 0) throw errors.TOO_LOW({ lowest: 0 })
          yield value // waits here while the client does not read
        }
      } finally {
        generatorsRunning -= 1 // also runs when the client leaves its loop
      }
    },
  }),
)
const { url } = await server.listen('tcp://127.0.0.1:0')
const client = createClient(counter, url)

// Leave the loop, and the server stops the generator.
for await (const value of client.count({ from: 1_000_000 })) {
  console.log(value)
  if (value === 999_999) break
}

// The loop throws what the handler throws, after the items that were sent before.
try {
  for await (const value of client.count({ from: 1 })) console.log(value)
} catch (error) {
  if (!isErrorOf(counter.procedures.count, error)) throw error
  if (error.code === 'TOO_LOW') console.log(`not below ${error.data.lowest}`)
}

await client.$close()
await server.close()
console.log(`${generatorsRunning} generators are left`)

//> 1000000
//> 999999
//> 1
//> 0
//> not below 0
//> 0 generators are left
