import { createClient } from '@frameport/client'
import {
  bytes,
  contract,
  event,
  type InputOf,
  type OutputOf,
  type PayloadOf,
  procedure,
} from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const Article = z.object({ article: z.string() })

const shop = contract('shop', {
  version: 1,
  procedures: {
    // One answer. `count` has a default, so that callers may leave it out.
    order: procedure({
      input: Article.extend({ count: z.number().int().positive().default(1) }),
      output: z.object({ total: z.number() }),
      errors: { SOLD_OUT: z.object({ backOn: z.string() }) },
    }),
    // Neither input nor output.
    ping: procedure({}),
    // A group. Clients call it as `client.stock.levels()`.
    stock: {
      levels: procedure({ input: Article, items: z.number() }), // a stream of items
      picture: procedure({ input: Article, upload: bytes(), output: z.object({ bytes: z.number() }) }),
      seen: procedure({ input: Article, oneWay: true }), // nobody answers
    },
  },
  events: { priceChanged: event(z.object({ price: z.number() }), { topic: Article }) },
})

// The types of both sides come from the contract.
type Order = InputOf<typeof shop.procedures.order> // { article: string; count?: number | undefined }
type Receipt = OutputOf<typeof shop.procedures.order> // { total: number }
type Price = PayloadOf<typeof shop.events.priceChanged> // { price: number }

const price: Price = { price: 3 }
const server = createServer(
  implement(shop).handlers({
    order: ({ input }) => ({ total: input.count * price.price }), // `count` is a number here
    ping: () => undefined,
    stock: {
      async *levels() {
        yield 7
      },
      async picture({ upload }) {
        for await (const _chunk of upload);
        return { bytes: upload.bytes }
      },
      seen: () => undefined,
    },
  }),
)
const { url } = await server.listen('tcp://127.0.0.1:0')
const client = createClient(shop, url)

const order: Order = { article: 'tea' }
const receipt: Receipt = await client.order(order)
console.log(`1 tea: ${receipt.total}`)
for await (const level of client.stock.levels({ article: 'tea' })) console.log(`${level} in stock`)
console.log(await client.stock.picture({ article: 'tea' }, new Uint8Array(1_000)))

await client.$close()
await server.close()

//> 1 tea: 3
//> 7 in stock
//> { bytes: 1000 }
