import { once } from 'node:events'
import { type AddressInfo, connect as connectSocket, createServer, type Server, type Socket } from 'node:net'
import type { Envelope } from '@frameport/protocol/envelope'
import { type Contestant, host } from '../support/rival/contestant.ts'
import type { Served } from '../support/work.ts'
import { EnvelopeClient, EnvelopeConnection, EnvelopeServer, type Wire } from './envelopes.ts'

/**
 * Our envelopes by hand over node:net. `setNoDelay`: small messages are sent at once
 * (https://nodejs.org/docs/latest-v20.x/api/net.html#socketsetnodelaynodelay); writes wait for `drain` while
 * `writableNeedDrain` is true (https://nodejs.org/docs/latest-v20.x/api/stream.html#writablewriteneeddrain).
 */
export const contestant: Contestant = {
  serve: () => serveOver((accepted) => createServer(accepted)),

  async connect(port) {
    const socket = connectSocket(port, host)
    await once(socket, 'connect')
    return new EnvelopeClient((onEnvelope) => connectionOver(socket, onEnvelope))
  },
}

/** @param make makes the server, of TCP or of TLS above it */
export async function serveOver(make: (accepted: (socket: Socket) => void) => Server): Promise<Served> {
  const house = new EnvelopeServer()
  const server = make((socket) => {
    const connection = connectionOver(socket, (envelope) => house.take(connection, envelope))
    socket.on('close', () => house.forget(connection))
  })
  server.listen({ host, port: 0, backlog: 1024 })
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port }
}

export function connectionOver(socket: Socket, onEnvelope: (envelope: Envelope) => void): EnvelopeConnection {
  socket.setNoDelay(true)
  const wire: Wire = {
    write: (bytes) => socket.write(bytes),
    get isFull() {
      return socket.writableNeedDrain
    },
    whenDrained: () => new Promise((resolve) => socket.once('drain', resolve)),
  }
  const connection = new EnvelopeConnection(wire, onEnvelope)
  socket.on('data', (chunk: Uint8Array) => connection.push(chunk))
  socket.on('error', () => socket.destroy())
  return connection
}
