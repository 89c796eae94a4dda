import { createClient } from '@frameport/client'
import { tcp } from '@frameport/client/tcp'
import { type CompletionPort, createCompletionPort, type Listener } from '@frameport/iocp-core'
import { contract, procedure } from '@frameport/protocol'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { isUsable } from '../../../tests/support/opened-ports.ts'

const ports = vi.hoisted((): CompletionPort[] => {
  // If test files share their modules, a module that was loaded before would open ports that this file does not record.
  vi.resetModules()
  return []
})

vi.mock('../src/tcp/own-port.ts', async (original) => {
  const { writingDown } = await import('../../../tests/support/opened-ports.ts')
  return writingDown(await original<typeof import('../src/tcp/own-port.ts')>(), ports)
})

const tiny = contract('tiny', { version: 1, procedures: { ping: procedure({}) } })
let server: CompletionPort
let listener: Listener

beforeAll(async () => {
  server = createCompletionPort({ backend: 'net' })
  listener = await server.listen('tcp://127.0.0.1:0', (connection) => {
    const end = () => connection.end()
    connection.start({ data: () => undefined, end, drain: () => undefined, close: () => undefined })
  })
})

afterAll(() => server.close())
afterEach(() => void ports.splice(0))

/** Whether the port can still connect. */
const isOpen = (port: CompletionPort | undefined) =>
  isUsable(port, async (one) => {
    const connection = await one.connect(listener.endpoint)
    connection.abort()
  })

it('clients of one back end share a port, which closes with the last of them, and the next client opens another', async () => {
  const [first, second] = [1, 2].map(() => createClient(tiny, listener.url, { backend: 'net' }))
  expect(ports).toHaveLength(1)
  await first?.$close()
  expect(await isOpen(ports[0])).toBe(true)
  await second?.$close()
  expect(await isOpen(ports[0])).toBe(false)
  const third = createClient(tiny, listener.url, { backend: 'net' })
  expect([ports.length, await isOpen(ports[1])]).toEqual([2, true])
  await third.$close()
  expect(await isOpen(ports[1])).toBe(false)
})

it('clients of different back ends do not share a port', async () => {
  const [named, chosen] = [{ backend: 'net' } as const, {}].map((options) =>
    createClient(tiny, listener.url, options),
  )
  expect(ports).toHaveLength(2)
  await named?.$close()
  expect([await isOpen(ports[0]), await isOpen(ports[1])]).toEqual([false, true])
  await chosen?.$close()
  expect(await isOpen(ports[1])).toBe(false)
})

it('a connector of tcp() that two clients use holds the port until both are closed, in either order', async () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const connector = tcp(listener.url, { backend: 'net' })
    const clients = [createClient(tiny, connector), createClient(tiny, connector)]
    const port = ports.at(-1)
    await clients[order[0]!]?.$close()
    expect(await isOpen(port)).toBe(true)
    await clients[order[1]!]?.$close()
    expect(await isOpen(port)).toBe(false)
  }
  expect(ports).toHaveLength(2)
})
