import { once } from 'node:events'
import { connect } from 'node:net'

/** Bytes that are not Frameport, and the reason that the log of the server must have for each. */
export const garbage: readonly { name: string; bytes: Buffer; code: string }[] = [
  {
    name: 'an HTTP request',
    bytes: Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    code: 'NOT_FRAMEPORT',
  },
  {
    name: 'a TLS hello',
    bytes: Buffer.from('16030100c8010000c40303000102030405060708090a0b0c0d0e0f', 'hex'),
    code: 'NOT_FRAMEPORT',
  },
  { name: 'the largest length', bytes: Buffer.from('ffffffff', 'hex'), code: 'FRAME_TOO_LONG' },
  { name: 'an empty frame', bytes: Buffer.from('00000000', 'hex'), code: 'NOT_FRAMEPORT' },
  { name: 'half a header', bytes: Buffer.from('0000', 'hex'), code: 'TRUNCATED' },
]

/** Sends bytes like a stranger, ends its side, and settles when the server has closed the connection. */
export async function sendGarbage(port: string, bytes: Buffer): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port: Number(port) })
  socket.on('error', () => {})
  socket.resume()
  const closed = once(socket, 'close')
  socket.end(bytes)
  await closed
}
