import type { Socket } from 'node:net'
import { openWebSocket } from '../rivals/web-sockets.ts'
import type { OpenMember } from '../support/room/member.ts'

export { contestant } from '../rivals/ws.ts'

export const openMember: OpenMember = async (port) => {
  const socket = await openWebSocket(port)
  await new Promise<void>((resolve) => {
    socket.once('message', () => resolve())
    socket.send(JSON.stringify({ kind: 'subscribe', number: 1 }))
  })
  return { socket: (socket as unknown as { readonly _socket: Socket })._socket }
}
