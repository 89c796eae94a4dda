import { createClient, safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

// Version 2 breaks: the name is in two members. So both versions exist for a while.
const people1 = contract('people', {
  version: 1,
  procedures: { greet: procedure({ input: z.object({ name: z.string() }), output: z.string() }) },
})
const people2 = contract('people', {
  version: 2,
  procedures: {
    greet: procedure({ input: z.object({ first: z.string(), last: z.string() }), output: z.string() }),
  },
})
const people3 = contract('people', { version: 3, procedures: { greet: procedure({ output: z.string() }) } })

const server = createServer(
  [
    implement(people1).handlers({ greet: ({ input }) => `Hello, ${input.name}!` }),
    implement(people2).handlers({ greet: ({ input }) => `Hello, ${input.first} ${input.last}!` }),
  ],
  { log: false }, // it would mention version 3
)
const { url } = await server.listen('tcp://127.0.0.1:0')

const oldClient = createClient(people1, url)
console.log(await oldClient.greet({ name: 'Ada' }))
const newClient = createClient(people2, url)
console.log(await newClient.greet({ first: 'Ada', last: 'Lovelace' }))

const tooNew = createClient(people3, url, { onContractDifferences: () => undefined }) // no warning on the console
const { error } = await safe(tooNew.greet())
console.log(error?.code)
console.log(error?.message.split('. ').at(1))

await Promise.all([oldClient.$close(), newClient.$close(), tooNew.$close()])
await server.close()

//> Hello, Ada!
//> Hello, Ada Lovelace!
//> UNIMPLEMENTED
//> It serves people in version 1, 2: client and server have different versions of it.
