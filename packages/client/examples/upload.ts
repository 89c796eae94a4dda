import { createHash } from 'node:crypto'
import { createClient } from '@frameport/client'
import { bytes, contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const depot = contract('depot', {
  version: 1,
  procedures: {
    put: procedure({
      input: z.object({ name: z.string() }),
      upload: bytes(),
      output: z.object({ sha256: z.string() }),
    }),
    find: procedure({ input: z.string(), upload: z.string(), output: z.number() }),
    shout: procedure({ upload: z.string(), items: z.string() }),
    seen: procedure({ input: z.string(), oneWay: true }),
  },
})

const server = createServer(
  implement(depot).handlers({
    async put({ upload }) {
      const hash = createHash('sha256')
      for await (const chunk of upload) hash.update(chunk) // slow here means slow at the client
      return { sha256: hash.digest('hex').slice(0, 8) }
    },
    async find({ input, upload }) {
      for await (const word of upload) if (word === input) break // the client is told to stop
      return upload.items
    },
    async *shout({ upload }) {
      for await (const word of upload) yield word.toUpperCase()
    },
    seen({ input }) {
      console.log(`seen ${input}`)
    },
  }),
)
const listener = await server.listen('tcp://127.0.0.1:0')
const client = createClient(depot, listener.url)

const file = new Blob(['a'.repeat(200_000)])
const { sha256 } = await client.put({ name: 'a.txt' }, file, {
  onProgress: ({ bytes }) => bytes === 200_000 && console.log('all of it is on its way'),
})
console.log(sha256)

async function* words() {
  for (let number = 0; ; number++) yield `word ${number}` // asked for only as fast as the server takes them
}
console.log(await client.find('word 3', words()))

for await (const word of client.shout(['loud', 'louder'])) console.log(word)

await client.seen('a.txt') // handed to the connection: nobody answers
await client.$close()
await server.close()

//> all of it is on its way
//> 2287d207
//> 4
//> LOUD
//> LOUDER
//> seen a.txt
