import { type CreateClientOptions, createClient, safe } from '@frameport/client'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement, type Server } from '@frameport/server'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { typescriptArguments } from '../support/typescript-arguments.ts'
import { recordingLog } from './setup.ts'
import { portWorld } from './worlds/port-world.ts'
import { realTime, type World } from './worlds/world.ts'
import { worlds } from './worlds/worlds.ts'

const depot = contract('depot', {
  version: 1,
  procedures: { name: procedure({ output: z.string() }) },
  events: { news: event(z.string(), { subscribe: 'clients' }) },
})

/** A server in the world, which answers with its name. It only lets in clients that show the key of `admits`. */
function serve(world: World, name: string, admits: () => unknown = () => 'key'): Server {
  return createServer(implement(depot).handlers({ name: () => name }), {
    log: recordingLog().log,
    authorizeSubscribe: () => true,
    context: ({ hello }) => {
      if (hello.auth !== admits()) throw new RpcError('UNAUTHENTICATED', 'Nobody has this key.')
      return {}
    },
    ...(world.port === undefined ? {} : { completionPort: world.port }),
  })
}

const quickly = { delayMs: 20, delayMaxMs: 200 } as const

/** The records of a client. */
function noted(more: CreateClientOptions<typeof depot> = {}) {
  const states: string[] = []
  const sessions: string[] = []
  const options: CreateClientOptions<typeof depot> = {
    auth: 'key',
    reconnect: quickly,
    onStateChange: ({ state }) => state !== states.at(-1) && void states.push(state),
    onSession: ({ resumed, isFirst }) => void sessions.push(isFirst ? 'first' : resumed ? 'resumed' : 'new'),
    ...more,
  }
  return { states, sessions, options }
}

/** Worlds in which a client connects by itself. */
const connecting = worlds.filter(({ name }) => !/memory|message/.test(name))

for (const { name: worldName, open, absent } of connecting) {
  const title = absent === undefined ? `in ${worldName}` : `in ${worldName} (skipped: ${absent})`
  describe.skipIf(absent !== undefined)(title, () => {
    test.each(['client', 'server'] as const)(
      'a connection that the %s cuts is replaced, thirty times, and every call settles',
      async (side) => {
        const world = open()
        const server = serve(world, 'the server')
        const { options, sessions } = noted()
        const client = await world.connect(server, depot, options)
        const heard: string[] = []
        await client.$on('news', (text) => void heard.push(text)).subscribed
        for (let cut = 0; cut < 30; cut++) {
          const calls = Array.from({ length: 5 }, () => safe(client.name()))
          world.cut(side)
          const outcomes = await Promise.all([...calls, ...calls.map(() => safe(client.name()))])
          // A call in flight may have run. No call is lost silently.
          for (const { data, error } of outcomes)
            expect(data ?? error?.code).toMatch(/^(the server|UNAVAILABLE)$/)
          await world.eventually('it is connected', () => client.$connection.state === 'open')
          expect(await client.name()).toBe('the server')
        }
        expect(sessions.length).toBeGreaterThan(20)
        await world.eventually('it is subscribed', () => {
          server.publish(depot.events.news, 'still here')
          return heard.length > 0
        })
        await world.close(server)
      },
      60_000,
    )

    test('$close of a client that has lost its server settles in every state, and leaves nothing behind', async () => {
      for (const waitMs of [0, 5, 40, 200]) {
        const world = open()
        const server = serve(world, 'the server')
        const { options, states } = noted()
        const client = await world.connect(server, depot, options)
        await client.name()
        const closed = server.close({ graceMs: 0 })
        await world.eventually('it has lost it', () => states.includes('reconnecting'))
        const giveUpAtMs = performance.now() + waitMs
        await world.eventually('a while has passed', () => performance.now() >= giveUpAtMs)
        const waits = safe(client.name())
        await client.$close()
        expect((await waits).error?.code).toBe('UNAVAILABLE')
        expect([client.$connection.state, states.at(-1)]).toEqual(['closed', 'closed'])
        await closed
        await world.close(server)
      }
    })
  })
}

/** Worlds that listen at an address that is known in advance. */
const withAddresses = connecting.filter(({ name }) => !['node streams', 'tls', 'ws'].includes(name))

for (const { name, absent } of withAddresses) {
  if (absent !== undefined) continue
  describe(`over ${name}`, () => {
    test('a restarted server receives the calls that wait for it, with current credentials', async () => {
      const world = portWorld(name as 'net')
      let key = 'key'
      const first = serve(world, 'the first')
      const { url } = await first.listen('tcp://127.0.0.1:0')
      const { options, sessions } = noted({ auth: async () => key, completionPort: world.port })
      const client = createClient(depot, url, options)
      expect(await client.name()).toBe('the first')
      await first.close()
      const waits = [safe(client.name()), safe(client.name())]
      key = 'a newer key'
      const second = serve(world, 'the second', () => key)
      await second.listen(url)
      expect((await Promise.all(waits)).map(({ data }) => data)).toEqual(['the second', 'the second'])
      expect(sessions).toEqual(['first', 'new'])
      // A refused key ends the client.
      key = 'none'
      const third = serve(world, 'the third')
      await second.close()
      await third.listen(url)
      expect(await client.$connection.closed()).toMatchObject({ code: 'HELLO_REFUSED' })
      expect((await safe(client.name())).error?.code).toBe('UNAUTHENTICATED')
      await third.close()
      await world.close(third)
    })

    test('a client uses the first of several addresses that answers, and the next one when the server stops', async () => {
      const world = portWorld(name as 'net')
      const gone = serve(world, 'gone')
      const { url: dead } = await gone.listen('tcp://127.0.0.1:0')
      await gone.close()
      const [one, other] = [serve(world, 'one'), serve(world, 'other')]
      const urls = [dead]
      for (const server of [one, other]) urls.push((await server.listen('tcp://127.0.0.1:0')).url)
      const { options } = noted({ completionPort: world.port })
      const client = createClient(depot, urls, options)
      expect([await client.name(), client.$connection.remoteEndpoint]).toEqual(['one', urls[1]])
      await one.close()
      expect([await client.name(), client.$connection.remoteEndpoint]).toEqual(['other', urls[2]])
      await client.$close()
      await other.close()
      await world.close(other)
    })
  })
}

test('a client that waits for its server keeps its process alive, but not after $unref', async () => {
  const { spawn } = await import('node:child_process')
  const { fileURLToPath } = await import('node:url')
  const program = fileURLToPath(new URL('children/waiting-client.ts', import.meta.url))
  const world = portWorld('net')
  const server = serve(world, 'the server', () => undefined)
  const { url } = await server.listen('tcp://127.0.0.1:0')
  const child = spawn(process.execPath, [...typescriptArguments, program, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
  await realTime.eventually('it is connected', () => said.includes('connected'))
  await server.close()
  expect(await exited).toBe(0)
  expect(said.split('\n')).toEqual(['connected', 'alive while it waits', 'unreferenced', ''])
  await world.close(server)
})
