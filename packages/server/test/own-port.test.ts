import { type CompletionPort, createCompletionPort } from '@frameport/iocp-core'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement, type ServerOptions } from '@frameport/server'
import { tcp } from '@frameport/server/tcp'
import { afterEach, expect, it, vi } from 'vitest'

const opened = vi.hoisted(() => {
  // Where test files share their modules, one that was loaded before would open ports that are not written down.
  vi.resetModules()
  return { ports: [] as unknown[] }
})

// The ports are real; they are only written down.
vi.mock('../src/tcp/own-port.ts', async (original) => {
  const { openOwnPort } = await original<typeof import('../src/tcp/own-port.ts')>()
  return {
    openOwnPort: (...args: Parameters<typeof openOwnPort>) => {
      const port = openOwnPort(...args)
      opened.ports.push(port)
      return port
    },
  }
})

const ports = opened.ports as CompletionPort[]
const anyPort = 'tcp://127.0.0.1:0'
const room = contract('room', { version: 1, procedures: { ping: procedure({}) } })
const open = (options: Partial<ServerOptions<object>> = { backend: 'net' }) =>
  createServer(implement(room).handlers({ ping: () => undefined }), options)

afterEach(() => void ports.splice(0))

/** Whether the port still listens. */
async function isOpen(port: CompletionPort | undefined): Promise<boolean> {
  try {
    const listener = await port?.listen(anyPort, (connection) => connection.abort())
    await listener?.close()
    return listener !== undefined
  } catch (error) {
    expect(error).toMatchObject({ code: 'PORT_CLOSED' })
    return false
  }
}

it('a server opens one port for its addresses when it first listens, and closes it with itself', async () => {
  const server = open()
  expect(ports).toHaveLength(0)
  const listeners = [await server.listen(anyPort), await server.listen(anyPort)]
  for (const listener of listeners) await listener.close()
  expect([ports.length, await isOpen(ports[0])]).toEqual([1, true])
  await server.close()
  expect(await isOpen(ports[0])).toBe(false)
})

it('an acceptor of tcp() has a port of its own, which closes with the server', async () => {
  const server = open()
  await server.listen(tcp(anyPort, { backend: 'net' }))
  expect([ports.length, await isOpen(ports[0])]).toEqual([1, true])
  await server.close()
  expect(await isOpen(ports[0])).toBe(false)
})

it('a port that was given stays open', async () => {
  const completionPort = createCompletionPort({ backend: 'net' })
  const server = open({ completionPort })
  await server.listen(anyPort)
  await server.listen(tcp(anyPort, { completionPort }))
  await server.close()
  expect([ports.length, await isOpen(completionPort)]).toEqual([0, true])
  await completionPort.close()
})

it('a server that is closed opens no port', async () => {
  const server = open()
  await server.close()
  await expect(server.listen(anyPort)).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
  expect(ports).toHaveLength(0)
})
