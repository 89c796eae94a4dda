import { createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement, memoryEventBus } from '@frameport/server'
import { z } from 'zod'

const news = contract('news', {
  version: 1,
  procedures: { post: procedure({ input: z.string() }) },
  events: { headline: event(z.string(), { subscribe: 'clients' }) },
})

// Connects servers of one thread. Several processes use worker.serverOptions or connectNats() in its place.
const eventBus = memoryEventBus()
const open = () =>
  createServer(
    implement(news).handlers({
      post: async ({ input, publish }) => {
        await publish(news.events.headline, input)
      },
    }),
    { authorizeSubscribe: () => true, eventBus },
  )
const [first, second] = [open(), open()]
const here = await first.listen('tcp://127.0.0.1:0')
const there = await second.listen('tcp://127.0.0.1:0')

// The reader is connected to another server than the writer.
const reader = createClient(news, there.url)
const writer = createClient(news, here.url)
const read = new Promise<string>((resolve) => void reader.$on('headline', resolve))
await reader.$on('headline', () => undefined).subscribed
await writer.post('two servers, one event')
console.log(await read)

await Promise.all([reader.$close(), writer.$close()])
await Promise.all([first.close(), second.close()])

//> two servers, one event
