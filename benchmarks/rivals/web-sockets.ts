import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { host } from '../support/rival/contestant.ts'

/**
 * What the contestants over ws share. `perMessageDeflate` is off on both sides: it costs memory and time, and should be turned on
 * only where it is needed (https://github.com/websockets/ws#websocket-compression). bufferutil, which ws finds by itself, masks
 * faster (https://github.com/websockets/ws#opt-in-for-performance).
 */
export async function listenForWebSockets(): Promise<{ server: WebSocketServer; port: number }> {
  const server = new WebSocketServer({ host, port: 0, backlog: 1024, perMessageDeflate: false })
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

export async function openWebSocket(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${host}:${port}`, { perMessageDeflate: false })
  await once(socket, 'open')
  return socket
}
