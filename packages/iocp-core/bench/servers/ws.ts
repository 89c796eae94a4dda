import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { announce } from './announce.ts'

/** A server with the library `ws`: it echoes binary messages without compression. */
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, backlog: 511 })
server.on('connection', (socket) => {
  socket.on('message', (message) => socket.send(message, { binary: true }))
  socket.on('error', () => socket.terminate())
})
server.on('listening', () => announce((server.address() as AddressInfo).port))
