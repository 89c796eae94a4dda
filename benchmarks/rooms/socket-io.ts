import type { Socket as NetSocket } from 'node:net'
import { io } from 'socket.io-client'
import { host } from '../support/rival/contestant.ts'
import type { OpenMember } from '../support/room/member.ts'

export { contestant } from '../rivals/socket-io.ts'

export const openMember: OpenMember = async (port) => {
  const socket = io(`http://${host}:${port}`, { transports: ['websocket'], forceNew: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  await socket.emitWithAck('subscribe')
  const { transport } = socket.io.engine as unknown as {
    readonly transport: { readonly ws: { readonly _socket: NetSocket } }
  }
  return { socket: transport.ws._socket }
}
