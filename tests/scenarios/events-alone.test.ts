import { createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { memoryWorld } from './worlds/virtual-worlds.ts'

const news = contract('news', {
  version: 1,
  events: {
    line: event(z.string(), { topic: z.object({ room: z.string() }), subscribe: 'clients' }),
    bell: event(z.int()),
  },
})

it('a contract with only events is implemented without handlers, and clients receive its events', async () => {
  const world = memoryWorld()
  const server = createServer(implement(news).handlers({}), {
    environment: world.clock,
    log: false,
    authorizeSubscribe: () => true,
    onConnection: ({ connection }) => void connection.subscribe(news.events.bell),
  })
  const client = await world.connect(server, news)
  expectTypeOf(client).not.toHaveProperty('line')
  const heard: (string | number)[] = []
  const listening = client.$on('line', { room: 'a' }, (text) => heard.push(text))
  client.$on('bell', (times) => heard.push(times))
  await world.run(listening.subscribed)
  server.publish(news.events.line, { room: 'a' }, 'hello')
  server.publish(news.events.bell, 3)
  await world.settle()
  expect(heard).toEqual(['hello', 3])
  expect(await world.run(client.$connection.differences())).toEqual([])
  await world.close(server)
})

it('a client lists differences of events in a contract with only events', async () => {
  const world = memoryWorld()
  const server = createServer(implement(news).handlers({}), {
    environment: world.clock,
    log: false,
    authorizeSubscribe: () => true,
  })
  const before = contract('news', { version: 1, events: { bell: event(z.string()) } })
  const client = await world.connect(server, before, { onContractDifferences: () => undefined })
  const differences = await world.run(client.$connection.differences())
  expect(differences).toEqual(expect.arrayContaining([expect.objectContaining({ place: expect.anything() })]))
  await world.close(server)
})

it('a contract without procedures accepts no handlers', () => {
  expect(() => {
    // @ts-expect-error there is no procedure that a handler could be for
    implement(news).handlers({ ping: () => undefined })
  }).toThrow(expect.objectContaining({ code: 'INVALID_CONTRACT' }))
  // @ts-expect-error a contract of something has to be given
  expect(() => createClient({}, 'tcp://127.0.0.1:1')).toThrow()
  const asked = contract('asked', {
    version: 1,
    clientProcedures: { ask: procedure({ output: z.string() }) },
  })
  expect(implement(asked).handlers({}).bindings.size).toBe(0)
})
