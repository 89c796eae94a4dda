import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement, safe } from '@frameport/server'
import { z } from 'zod'

const shop = contract('shop', {
  version: 1,
  procedures: { order: procedure({ input: z.string(), output: z.string() }) },
  // What the server calls at its clients.
  clientProcedures: {
    confirm: procedure({
      input: z.object({ text: z.string() }),
      output: z.object({ isSure: z.boolean() }),
      errors: { AWAY: z.object({ minutes: z.number() }) },
    }),
  },
})

const server = createServer(
  implement(shop).handlers({
    async order({ input, connection }) {
      const question = { text: `really ${input}?` }
      // A person takes longer than a program: without a deadline of its own the call has 30 s.
      const answer = await safe(connection.client(shop).confirm(question, { deadlineMs: 120_000 }))
      if (answer.ok) return answer.data.isSure ? 'ordered' : 'not ordered'
      return answer.error.code === 'AWAY' ? `again in ${answer.error.data.minutes} min` : 'no answer'
    },
  }),
)
const listener = await server.listen('tcp://127.0.0.1:0')

const client = createClient(shop, listener.url, {
  handlers: {
    confirm({ input, errors }) {
      if (input.text.includes('piano')) throw errors.AWAY({ minutes: 5 })
      return { isSure: input.text.includes('tea') }
    },
  },
})
for (const goods of ['tea', 'a car', 'a piano']) console.log(`${goods}: ${await client.order(goods)}`)

const shy = createClient(shop, listener.url) // without handlers
console.log(`tea: ${await shy.order('tea')}`)

await Promise.all([client.$close(), shy.$close()])
await server.close()

//> tea: ordered
//> a car: not ordered
//> a piano: again in 5 min
//> tea: no answer
