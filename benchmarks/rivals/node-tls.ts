import { once } from 'node:events'
import { connect as connectSocket, createServer } from 'node:tls'
import { certificate } from '../support/rival/certificate.ts'
import { type Contestant, host } from '../support/rival/contestant.ts'
import { EnvelopeClient } from './envelopes.ts'
import { connectionOver, serveOver } from './node-net.ts'

/** As `node-net.ts`, over node:tls (https://nodejs.org/docs/latest-v20.x/api/tls.html#tlscreateserveroptions-secureconnectionlistener). */
export const contestant: Contestant = {
  serve: () => serveOver((accepted) => createServer(certificate(), accepted)),

  async connect(port) {
    const socket = connectSocket({ port, host, ca: certificate().cert })
    await once(socket, 'secureConnect')
    return new EnvelopeClient((onEnvelope) => connectionOver(socket, onEnvelope))
  },
}
