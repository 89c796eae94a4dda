import type { Client, CreateClientOptions } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import {
  createServer,
  implement,
  type Server,
  type ServerOptions,
  type SubscriptionFacts,
} from '@frameport/server'
import { z } from 'zod'
import { recordingLog } from './setup.ts'
import type { World } from './worlds/world.ts'

const Share = z.object({ name: z.string(), market: z.string().optional() })
export const market = contract('market', {
  version: 1,
  procedures: {
    watch: procedure({ input: Share }),
    unwatch: procedure({ input: Share }),
    nothing: procedure({}),
  },
  events: {
    price: event(z.number(), { topic: Share, subscribe: 'clients' }),
    bell: event(z.string(), { subscribe: 'clients' }),
    notice: event(z.string()),
  },
})
export type ClientEvent = (typeof market.events)['price'] | (typeof market.events)['bell']
export type Facts = SubscriptionFacts<object, ClientEvent>

export const implementation = implement(market).handlers({
  watch: ({ input, connection }) => connection.subscribe(market.events.price, input),
  unwatch: ({ input, connection }) => connection.unsubscribe(market.events.price, input),
  nothing: () => undefined,
})

/** A server of {@link market} in a world. */
export function open(
  world: World,
  authorizeSubscribe: (facts: Facts) => boolean | Promise<boolean> = () => true,
  options: Partial<ServerOptions<object, ClientEvent>> = {},
) {
  const { log, lines } = recordingLog()
  const { environment, port } = world
  const server = createServer(implementation, {
    log,
    ...(environment === undefined ? {} : { environment }),
    ...(port === undefined ? {} : { completionPort: port }),
    ...options,
    authorizeSubscribe,
  })
  const connect = (more: CreateClientOptions = {}) => world.connect(server, market, more)
  return { world, server, log: lines, connect }
}

export function pricesOf(client: Client<typeof market>, name: string) {
  const prices: number[] = []
  const stop = client.$on('price', { name }, (price) => void prices.push(price))
  return { prices, stop }
}

export const subscriptionsOf = (server: Server) => [...server.connections][0]?.subscriptions
