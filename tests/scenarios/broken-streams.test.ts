import { createClient } from '@frameport/client'
import type { ByteStream, ByteStreamSink } from '@frameport/framing'
import { createServer } from '@frameport/server'
import { createMemoryPair } from '@frameport/testing'
import { expect, it } from 'vitest'
import { reachingProcess } from '../support/failing-callbacks.ts'
import { lab } from './lab-contract.ts'
import { createLab } from './lab-handlers.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'

function stage() {
  const world = memoryWorld()
  const lines: string[] = []
  const line = (_facts: unknown, text: string) => void lines.push(text)
  const server = createServer(createLab().implementation, {
    context: () => ({ user: 'guest' }),
    environment: world.clock,
    log: { debug: line, info: line, warn: line, error: line },
  })
  return { world, server, lines }
}

it('a connection that closes inside start() is no longer counted, and is logged after its arrival', async () => {
  const { world, server, lines } = stage()
  const { a } = createMemoryPair({ clock: world.clock })
  const gone = new Proxy(a, {
    get: (_target, name) =>
      name === 'start'
        ? (sink: ByteStreamSink) => {
            sink.end()
            sink.close(new Error('gone'))
          }
        : name === 'queuedBytes'
          ? 0
          : () => 'closed',
  })
  const connection = server.accept(gone as ByteStream)
  await world.run(connection.closed())
  expect(server.connections.size).toBe(0)
  expect(lines).toEqual(['connected', expect.stringContaining('connection closed')])
  expect(world.clock.timers).toEqual([])
  await world.close(server)
  a.abort()
})

it.each(['send', 'end', 'abort', 'queuedBytes'])(
  'a connection whose %s throws is ended, and the server can close',
  async (method) => {
    const { world, server, lines } = stage()
    const { a, b } = createMemoryPair({ clock: world.clock })
    const broken = new Proxy(a, {
      get(target, name) {
        const refuse = () => {
          throw new Error(`${method} does not work`)
        }
        if (name === method) return method === 'queuedBytes' ? refuse() : refuse
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const reached = await reachingProcess(async () => {
      server.accept(broken as ByteStream)
      const client = createClient(lab, b, { environment: world.clock })
      await world.run(client.nothing().catch(() => undefined))
      if (method === 'abort') [...server.connections][0]?.close({ graceMs: 0 })
      await world.run(server.close({ graceMs: 20 }))
      a.abort()
      await world.run(client.$connection.closed())
    })
    expect(reached).toEqual({ uncaught: [], unhandled: [] })
    expect(server.connections.size).toBe(0)
    expect(lines.filter((text) => text.includes('connection closed'))).toHaveLength(1)
  },
)
