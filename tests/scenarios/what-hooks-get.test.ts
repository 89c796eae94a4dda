import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement, type Server } from '@frameport/server'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { memoryWorld } from './worlds/virtual-worlds.ts'

const lounge = contract('lounge', {
  version: 1,
  procedures: { others: procedure({ output: z.array(z.string()) }) },
  events: { news: event(z.string(), { subscribe: 'clients' }) },
})

interface Guest {
  readonly name: string
}

const namesOf = (connections: Iterable<Server['connections'] extends ReadonlySet<infer One> ? One : never>) =>
  [...connections].map(({ context }) => (context as Guest).name)

const handlers = implement(lounge)
  .$context<Guest>()
  .handlers({
    others: ({ connections, connection }) =>
      namesOf([...connections].filter(({ id }) => id !== connection.id)),
  })

test('hooks can publish and see all connections with their contexts, without a variable for their server', async () => {
  const world = memoryWorld()
  const server = createServer(handlers, {
    log: false,
    environment: world.environment,
    context: ({ hello, connection }) => {
      expect(connection.context).toBeUndefined()
      return { name: String(hello.auth) }
    },
    onConnection: ({ context, connection, publish, connections }) => {
      expect(connection.context).toBe(context)
      publish(lounge.events.news, `${context.name} is one of ${connections.size}`)
    },
    onDisconnect: ({ context, publish, connections }) => {
      publish(lounge.events.news, `${context.name} left ${namesOf(connections)}`)
    },
    authorizeSubscribe: ({ context, publish, connections }) => {
      if (context.name === 'eve') throw new RpcError('PERMISSION_DENIED', `not among ${namesOf(connections)}`)
      publish(lounge.events.news, `${context.name} listens`)
      return true
    },
  })
  const ada = await world.connect(server, lounge, { auth: 'ada' })
  const news: string[] = []
  await world.run(ada.$on('news', (text) => void news.push(text)).subscribed)
  const bob = await world.connect(server, lounge, { auth: 'bob' })
  expect(await world.run(bob.others())).toEqual(['ada'])
  await world.run(bob.$on('news', () => undefined).subscribed)
  await world.run(bob.$close())
  await world.eventually('ada has heard of it', () => news.length === 3)
  expect(news).toEqual(['bob is one of 2', 'bob listens', 'bob left ada'])
  const eve = await world.connect(server, lounge, { auth: 'eve', onSubscribeFailed: () => undefined })
  const refused = eve.$on('news', () => undefined).subscribed.catch(({ message }: RpcError) => message)
  expect(await world.run(refused)).toBe('not among ada,eve')
  await world.close(server)
})
