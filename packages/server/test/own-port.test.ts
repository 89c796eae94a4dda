import { type CompletionPort, createCompletionPort } from '@frameport/iocp-core'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement, type ServerOptions } from '@frameport/server'
import { tcp } from '@frameport/server/tcp'
import { afterEach, expect, it, vi } from 'vitest'
import { isUsable } from '../../../tests/support/opened-ports.ts'

const ports = vi.hoisted((): CompletionPort[] => {
  // If test files share their modules, a module that was loaded earlier would open ports that this test does not
  // record.
  vi.resetModules()
  return []
})

vi.mock('../src/tcp/own-port.ts', async (original) => {
  const { writingDown } = await import('../../../tests/support/opened-ports.ts')
  return writingDown(await original<typeof import('../src/tcp/own-port.ts')>(), ports)
})

const anyPort = 'tcp://127.0.0.1:0'
const room = contract('room', { version: 1, procedures: { ping: procedure({}) } })
const open = (options: Partial<ServerOptions<object>> = { backend: 'net' }) =>
  createServer(implement(room).handlers({ ping: () => undefined }), options)

afterEach(() => void ports.splice(0))

/** Whether the port still listens. */
const isOpen = (port: CompletionPort | undefined) =>
  isUsable(port, async (one) => {
    const listener = await one.listen(anyPort, (connection) => connection.abort())
    await listener.close()
  })

it('a server opens one port for all its addresses when it first listens, and closes the port when it closes', async () => {
  const server = open()
  expect(ports).toHaveLength(0)
  const listeners = [await server.listen(anyPort), await server.listen(anyPort)]
  for (const listener of listeners) await listener.close()
  expect([ports.length, await isOpen(ports[0])]).toEqual([1, true])
  await server.close()
  expect(await isOpen(ports[0])).toBe(false)
})

it('an acceptor of tcp() has its own port, which closes with the server', async () => {
  const server = open()
  await server.listen(tcp(anyPort, { backend: 'net' }))
  expect([ports.length, await isOpen(ports[0])]).toEqual([1, true])
  await server.close()
  expect(await isOpen(ports[0])).toBe(false)
})

it('a completion port from the caller stays open', async () => {
  const completionPort = createCompletionPort({ backend: 'net' })
  const server = open({ completionPort })
  await server.listen(anyPort)
  await server.listen(tcp(anyPort, { completionPort }))
  await server.close()
  expect([ports.length, await isOpen(completionPort)]).toEqual([0, true])
  await completionPort.close()
})

it('a closed server opens no port', async () => {
  const server = open()
  await server.close()
  await expect(server.listen(anyPort)).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
  expect(ports).toHaveLength(0)
})
