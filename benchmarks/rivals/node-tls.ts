import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect as connectSocket, createServer } from 'node:tls'
import { certificate } from '../support/rival/certificate.ts'
import { type Contestant, host } from '../support/rival/contestant.ts'
import { EnvelopeClient, EnvelopeServer } from './envelopes.ts'
import { connectionOver } from './node-net.ts'

/** As `node-net.ts`, over node:tls (https://nodejs.org/docs/latest-v20.x/api/tls.html#tlscreateserveroptions-secureconnectionlistener). */
export const contestant: Contestant = {
  async serve() {
    const house = new EnvelopeServer()
    const server = createServer(certificate(), (socket) => {
      const connection = connectionOver(socket, (envelope) => house.take(connection, envelope))
      socket.on('close', () => house.forget(connection))
    })
    server.listen({ host, port: 0, backlog: 1024 })
    await once(server, 'listening')
    return { port: (server.address() as AddressInfo).port }
  },

  async connect(port) {
    const socket = connectSocket({ port, host, ca: certificate().cert })
    await once(socket, 'secureConnect')
    return new EnvelopeClient((onEnvelope) => connectionOver(socket, onEnvelope))
  },
}
