import { createClient, safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

// 1. The contract. Server and client both import it.
const notes = contract('notes', {
  version: 1,
  procedures: {
    add: procedure({
      input: z.object({ text: z.string().max(80) }),
      output: z.object({ id: z.number() }),
      errors: { FULL: z.object({ notesMax: z.number() }) },
    }),
    list: procedure({ output: z.array(z.string()) }),
  },
})

// 2. The server. Each procedure of the contract has one function.
const stored: string[] = []
const handlers = implement(notes).handlers({
  add({ input, errors }) {
    if (stored.length === 2) throw errors.FULL({ notesMax: 2 })
    stored.push(input.text)
    return { id: stored.length }
  },
  list: () => stored,
})
const server = createServer(handlers)
const listener = await server.listen('tcp://127.0.0.1:0') // port 0: the system chooses a free one
console.log(`listening with TCP: ${listener.url.startsWith('tcp://127.0.0.1:')}`)

// 3. The client. It has one method for each procedure.
const client = createClient(notes, listener.url)
const { id } = await client.add({ text: 'buy milk' })
console.log(`note ${id} is stored`)
await client.add({ text: 'water the plants' })
console.log(await client.list())

// 4. A call that fails. `safe` returns the error as a typed value.
const third = await safe(client.add({ text: 'call Ada' }))
if (!third.ok && third.error.code === 'FULL') {
  console.log(`no more than ${third.error.data.notesMax} notes`)
}

// 5. The end. Open calls finish first.
await client.$close()
await server.close()

//> listening with TCP: true
//> note 1 is stored
//> [ 'buy milk', 'water the plants' ]
//> no more than 2 notes
