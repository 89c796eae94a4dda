import type { CompletionPort } from '@frameport/iocp-core'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { tcp } from '@frameport/server/tcp'
import { expect, it } from 'vitest'
import type { AcceptorEvents } from '../../src/acceptor.ts'
import { lazyPort, tcpTransport } from '../../src/tcp/tcp-transport.ts'

/** A port that records the arguments of listen. */
function fakePort() {
  const asked: unknown[][] = []
  const listener = { url: 'tcp://192.0.2.1:7', backend: 'net', close: async () => undefined }
  const port = {
    closes: 0,
    asked,
    listen: async (...args: unknown[]) => {
      asked.push(args)
      return listener
    },
    connect: async () => undefined,
    async close() {
      port.closes += 1
    },
  }
  return port as unknown as CompletionPort & typeof port
}

it('the acceptor of tcp() listens on the given port, and reports the remote endpoint of a connection', async () => {
  const port = fakePort()
  const told: unknown[] = []
  const events: AcceptorEvents = {
    accepted: (connection, from) => void told.push([connection, from]),
    acceptFailed: (error) => void told.push(error),
  }
  const acceptor = tcp('tcp://192.0.2.1:7', { completionPort: port, backlog: 3 })
  await acceptor.listen(events)
  const [[endpoint, accepted, options] = []] = port.asked
  expect(endpoint).toEqual({ kind: 'tcp', host: '192.0.2.1', port: 7 })
  expect(options).toMatchObject({ backlog: 3 })
  const connection = { remoteEndpoint: { kind: 'tcp', host: '192.0.2.9', port: 9 } }
  ;(accepted as (connection: object) => void)(connection)
  const failure = new Error('EMFILE')
  ;(options as { onAcceptError(error: Error): void }).onAcceptError(failure)
  expect(told).toEqual([[connection, { remoteEndpoint: 'tcp://192.0.2.9:9' }], failure])
  await acceptor.release?.()
  expect(port.closes).toBe(0)
})

it('a port that a transport creates is opened once, on first use, and closes with the transport', async () => {
  const unused = lazyPort(undefined, 'net')
  await unused.close()
  const lazy = lazyPort(undefined, 'net')
  const port = lazy.get()
  expect(lazy.get()).toBe(port)
  expect(port.backend).toBe('net')
  await tcpTransport(lazy).close()
  await expect(port.listen('tcp://127.0.0.1:0', () => undefined)).rejects.toMatchObject({
    code: 'PORT_CLOSED',
  })
})

it('releasing an acceptor of tcp() closes the port that it created', async () => {
  const acceptor = tcp('tcp://127.0.0.1:0', { backend: 'net' })
  const events = { accepted() {}, acceptFailed() {} }
  await acceptor.listen(events)
  await acceptor.release?.()
  await expect(acceptor.listen(events)).rejects.toMatchObject({ code: 'PORT_CLOSED' })
})

it('the error for an unknown scheme lists the schemes that a server supports', async () => {
  const room = contract('room', { version: 1, procedures: { ping: procedure({}) } })
  const server = createServer(implement(room).handlers({ ping: () => undefined }))
  await expect(server.listen('ws://host')).rejects.toThrow('This server supports tcp and unix and tls')
})
