import { probe } from '@frameport/iocp-core'
import { expect, it } from 'vitest'
import { lab } from './lab-contract.ts'
import { expected, setStage } from './setup.ts'
import type { World } from './worlds/world.ts'
import { worlds } from './worlds/worlds.ts'

it('the worlds are memory, channels, message ports, node streams, every back end of this system, TLS and WebSockets', () => {
  const names = worlds.map(({ name }) => name)
  expect(names.slice(0, 4)).toEqual(['memory', 'memory channels', 'message port', 'node streams'])
  expect(names).toContain('net')
  if (process.platform === 'linux') expect(names.slice(4, 7)).toEqual(['io_uring', 'epoll', 'net'])
  expect(names.slice(-2)).toEqual(['tls', 'ws'])
})

/** TLS runs over the best available back end. */
function backendOf(name: string, { port }: World): string | undefined {
  if (port === undefined) return undefined
  return name === 'tls' ? probe().find(({ available }) => available)?.backend : name
}

it.each(worlds.filter(({ absent }) => absent === undefined))(
  'a world of $name uses that, and is empty after it is closed',
  async ({ name, open }) => {
    const world = open()
    expect(world.name).toBe(name)
    expect(world.port?.backend).toBe(backendOf(name, world))
    const { server } = setStage(world)
    const client = await world.connect(server, lab)
    expect(await world.run(client.echo({ text: name }))).toEqual({ text: name })
    const [connection] = server.connections
    expect(connection?.remoteEndpoint).toMatch(world.remote)
    await world.close(server)
    expect(server.connections.size).toBe(0)
    await expect(world.run(client.nothing())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  },
)

it('a skipped scenario must fail, and any other must pass', () => {
  const error = new Error('does not hold')
  expect(expected(undefined, undefined)).toBe('passed')
  expect(expected({ error }, 'cannot')).toBe('skipped')
  expect(() => expected({ error }, undefined)).toThrow(error)
  expect(() => expected(undefined, 'cannot')).toThrow('its skip ("cannot") must go')
})
