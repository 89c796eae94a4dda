import { connect, type Socket } from 'node:net'
import { expect } from 'vitest'
import { until } from '../../../../tests/support/until.ts'

export interface RawPeer {
  readonly socket: Socket
  /** The beginning of the received text. */
  readonly text: () => string
  readonly isEnded: () => boolean
  readonly isClosed: () => boolean
}

/** A connection that does not end by itself. */
export function rawPeer(port: number, sockets: Socket[]): RawPeer {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  sockets.push(socket)
  let text = ''
  let ended = false
  let closed = false
  socket.on('data', (chunk: Buffer) => {
    if (text.length < 1_000) text += chunk.toString('latin1')
  })
  socket.on('error', () => undefined)
  socket.on('end', () => {
    ended = true
  })
  socket.on('close', () => {
    closed = true
  })
  return { socket, text: () => text, isEnded: () => ended, isClosed: () => closed }
}

/** A request for a WebSocket (RFC 6455, section 4.1). */
export function upgradeRequest(path = '/', headers: readonly string[] = []): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: frameport.1',
    ...headers,
    '\r\n',
  ].join('\r\n')
}

/** A WebSocket after its handshake. */
export async function upgraded(port: number, sockets: Socket[]): Promise<RawPeer> {
  const peer = rawPeer(port, sockets)
  // Like most clients.
  peer.socket.on('end', () => peer.socket.end())
  peer.socket.write(upgradeRequest())
  await until(() => peer.text().includes('\r\n\r\n'))
  expect(peer.text()).toContain('101 Switching Protocols')
  return peer
}

/** A frame (RFC 6455, section 5.2) with a mask of zeros, or without a mask. */
export function frame(first: number, payload: Uint8Array, isMasked = true): Buffer {
  const mask = isMasked ? 0x80 : 0
  const { length } = payload
  let head: Buffer
  if (length < 126) head = Buffer.from([first, mask | length])
  else if (length < 65_536) head = Buffer.from([first, mask | 126, length >> 8, length & 0xff])
  else {
    head = Buffer.alloc(10)
    head.set([first, mask | 127])
    head.writeUInt32BE(length, 6)
  }
  return Buffer.concat([head, isMasked ? Buffer.alloc(4) : Buffer.alloc(0), payload])
}
