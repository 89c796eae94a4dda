import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Endpoint } from '../../src/index.ts'
import type { ConformanceContext } from '../conformance-case.ts'

/**
 * A plain node:net client of a listener under test, so that an error common to both our sides shows. Errors
 * are swallowed unless the case listens for them.
 */
export async function rawClient(context: ConformanceContext, endpoint: Endpoint): Promise<Socket> {
  const socket = rawSocket(context, endpoint)
  await once(socket, 'connect', { signal: context.signal })
  return socket
}

/** Connects and settles when the listener has closed the connection, early or late. */
export async function rawClientTurnedAway(context: ConformanceContext, endpoint: Endpoint): Promise<void> {
  const socket = rawSocket(context, endpoint)
  // An end turns it away as a reset does; the socket itself would wait for our side of it.
  socket.on('end', () => socket.end())
  await closeOf(socket.resume())
}

/** Settles when a raw socket is closed, with or without an error (`once` would reject on one). */
export function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
}

function rawSocket(context: ConformanceContext, endpoint: Endpoint): Socket {
  if (endpoint.kind !== 'tcp') throw new Error(`a raw client needs a tcp endpoint, not ${endpoint.kind}`)
  const socket = connect({ host: endpoint.host, port: endpoint.port, allowHalfOpen: true })
  socket.on('error', () => undefined)
  context.cleanUp(() => socket.destroy())
  return socket
}

export interface RawServer {
  readonly url: string
  /** The next connection, paused. */
  next(): Promise<Socket>
}

/** A plain node:net server for a connection under test. */
export async function rawServer(context: ConformanceContext): Promise<RawServer> {
  const arrived: Socket[] = []
  const waiting: ((socket: Socket) => void)[] = []
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    context.cleanUp(() => socket.destroy())
    socket.on('error', () => undefined)
    const take = waiting.shift()
    if (take === undefined) arrived.push(socket)
    else take(socket)
  })
  context.cleanUp(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening', { signal: context.signal })
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next() {
      const socket = arrived.shift()
      if (socket !== undefined) return Promise.resolve(socket)
      return new Promise((resolve) => waiting.push(resolve))
    },
  }
}

/** All that a raw socket receives until its end. */
export async function readToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.resume()
  await once(socket, 'end')
  return Buffer.concat(chunks)
}
