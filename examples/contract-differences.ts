import { createClient, safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const User = z.object({ name: z.string() })
const released = contract('people', {
  version: 1,
  procedures: { find: procedure({ input: User, output: User }) },
})
const current = contract('people', {
  version: 1,
  procedures: {
    find: procedure({
      input: User.extend({ nick: z.string().optional() }),
      output: User.extend({ age: z.number() }),
    }),
  },
})

const server = createServer(implement(released).handlers({ find: ({ input }) => input }))
const { url } = await server.listen('tcp://127.0.0.1:0')

const client = createClient(current, url, {
  onContractDifferences(differences) {
    for (const { member, place, outcome, text } of differences)
      console.log(`${outcome}: ${place} of ${member} ${text}`)
  },
})
const { error } = await safe(client.find({ name: 'Ada', nick: 'A' }))
console.log(error?.message.split('; ').at(1))
await client.$close()
await server.close()

//> loses: input.nick of find is not known to the server, which drops it
//> fails: output.age of find is required by this client, but not known to the server
//> client and server have different versions of this procedure
