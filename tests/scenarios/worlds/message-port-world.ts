import { MessageChannel } from 'node:worker_threads'
import { createClient } from '@frameport/client'
import type { FrameChannel } from '@frameport/framing'
import type { Server } from '@frameport/server'
import { messagePortChannel } from '../../../examples/transports/message-port-channel.ts'
import { rawPeerOnFrames } from './raw-peer.ts'
import { assertNothingLeft, type NewestEnds, realTime, type World } from './world.ts'

const openPorts = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length

/** A MessageChannel for each connection: messages of the platform, in real time. */
export function messagePortWorld(): World {
  const openBefore = openPorts()
  const clients: { $close(): Promise<void> }[] = []
  const newest: NewestEnds = { client: undefined, server: undefined }
  let closedPorts = 0
  let connections = 0
  let messages = 0
  const connected = (server: Server): FrameChannel => {
    const { port1, port2 } = new MessageChannel()
    connections++
    for (const port of [port1, port2]) port.on('close', () => closedPorts++)
    const [client, served] = [messagePortChannel(port1), messagePortChannel(port2)]
    Object.assign(newest, { client, server: served })
    server.accept(served, { remoteEndpoint: 'message-port:' })
    port2.on('message', () => messages++)
    return client
  }
  return {
    ...realTime,
    name: 'message port',
    remote: /^message-port:$/,
    async connect(server, contract, options = {}) {
      const client = createClient(contract, connected(server), options)
      clients.push(client)
      return client
    },
    connectRaw: async (server) => rawPeerOnFrames(connected(server)),
    cut: (side) => newest[side]?.abort(),
    async close(server) {
      await Promise.all(clients.map((client) => client.$close()))
      await server.close()
      await realTime.eventually(
        'both ports of each connection are closed',
        () => closedPorts === 2 * connections,
      )
      const left = openPorts() - openBefore
      assertNothingLeft(left > 0 ? [`${left} message ports`] : [])
      if (clients.length > 0 && messages === 0) throw new Error('nothing went through a message port')
    },
  }
}
