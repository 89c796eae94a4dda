import { EventEmitter, on } from 'node:events'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { initTRPC } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { Reading, readingOf } from '../support/message.ts'
import { type Connection, type Contestant, host } from '../support/rival/contestant.ts'
import { listenForWebSockets } from './web-sockets.ts'

/**
 * tRPC over ws (https://trpc.io/docs/server/websockets, https://trpc.io/docs/client/links/wsLink), with validated inputs and
 * outputs (https://trpc.io/docs/server/validators), subscriptions that are async generators for streams and events
 * (https://trpc.io/docs/server/subscriptions), and NODE_ENV=production, without which it adds stacks to errors. Over ws it
 * has no uploads. Its client checks no results, so the schema is applied behind it.
 */
const told = new EventEmitter().setMaxListeners(0)
const t = initTRPC.create()
const router = t.router({
  set: t.procedure
    .input(Reading)
    .output(Reading)
    .mutation(({ input }) => input),
  readings: t.procedure.input(z.object({ items: z.number().int() })).subscription(async function* ({
    input,
  }) {
    for (let number = 0; number < input.items; number++) yield readingOf(number)
  }),
  told: t.procedure.subscription(async function* ({ signal }) {
    for await (const [event] of on(told, 'told', signal === undefined ? {} : { signal }))
      yield event as Reading
  }),
  announce: t.procedure.input(Reading).mutation(({ input }) => {
    told.emit('told', input)
  }),
})

/** The class of a browser, to which that of ws is near enough for tRPC, as its documentation says. */
const WebSocketClass = WebSocket as unknown as typeof globalThis.WebSocket

export const contestant: Contestant = {
  async serve() {
    const { server, port } = await listenForWebSockets()
    applyWSSHandler({ wss: server, router })
    return { port }
  },

  async connect(port): Promise<Connection> {
    const webSocket = await new Promise<ReturnType<typeof createWSClient>>((resolve, reject) => {
      const url = `ws://${host}:${port}`
      const opening = createWSClient({
        url,
        WebSocket: WebSocketClass,
        onOpen: () => resolve(opening),
        onError: () => reject(new Error(`tRPC could not connect to ${url}.`)),
      })
    })
    const client = createTRPCClient<typeof router>({ links: [wsLink({ client: webSocket })] })
    return {
      call: async (message) => Reading.parse(await client.set.mutate(message)),
      stream: (items, onItem) =>
        new Promise((resolve, reject) => {
          client.readings.subscribe(
            { items },
            { onData: (item) => onItem(Reading.parse(item)), onComplete: resolve, onError: reject },
          )
        }),
      subscribe: (onEvent) =>
        new Promise((resolve, reject) => {
          client.told.subscribe(undefined, {
            onStarted: () => resolve(),
            onData: (event) => onEvent(Reading.parse(event)),
            onError: reject,
          })
        }),
      announce: (message) => client.announce.mutate(message),
    }
  },
}
