import { createClient, safe } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const Share = z.object({ name: z.string() })
const market = contract('market', {
  version: 1,
  procedures: {
    watch: procedure({ input: Share, errors: { NOT_TRADED: z.object({ instead: z.string() }) } }),
    history: procedure({ input: Share, items: z.number() }),
  },
  events: { price: event(z.number(), { topic: Share }) },
})

const server = createServer(
  implement(market).handlers({
    watch({ input, connection, errors }) {
      if (input.name !== 'ACME') throw errors.NOT_TRADED({ instead: 'ACME' })
      connection.subscribe(market.events.price, input)
    },
    async *history() {
      for (let price = 100; ; price++) yield price // asked for only as fast as somebody reads
    },
  }),
)
const listener = await server.listen('tcp://127.0.0.1:0')

const client = createClient(market, listener.url, { defaultDeadlineMs: 5_000 })

for await (const price of client.history({ name: 'ACME' })) {
  console.log(`was ${price}`)
  if (price === 102) break // stops the generator on the server, too
}

const refused = await safe(client.watch({ name: 'EMCA' }))
if (!refused.ok && refused.error.code === 'NOT_TRADED') {
  console.log(`not traded, perhaps ${refused.error.data.instead}?`)
}

const heard = new Promise<number>((resolve) => client.$on('price', { name: 'ACME' }, resolve))
await client.watch({ name: 'ACME' })
server.publish(market.events.price, { name: 'ACME' }, 103)
console.log(`now ${await heard}`)

await client.$close()
await server.close()

//> was 100
//> was 101
//> was 102
//> not traded, perhaps ACME?
//> now 103
