import { type AddressInfo, createServer, type Socket } from 'node:net'
import { announce } from './announce.ts'
import { splitFrames } from './split-frames.ts'

/**
 * A server on node:net as a careful user writes it: it corks the socket for one data event and writes each header and
 * payload without a copy. All of them leave in one vectored write.
 */
function echoFrames(socket: Socket): void {
  let roomLeft = true
  const split = splitFrames((payload) => {
    const header = Buffer.allocUnsafe(4)
    header.writeUInt32BE(payload.length, 0)
    socket.write(header)
    roomLeft = socket.write(payload)
  })
  socket.on('data', (chunk) => {
    socket.cork()
    split(chunk)
    socket.uncork()
    if (!roomLeft) socket.pause()
  })
  socket.on('drain', () => {
    roomLeft = true
    socket.resume()
  })
  socket.on('error', () => socket.destroy())
}

const server = createServer({ noDelay: true }, echoFrames)
server.listen(0, '127.0.0.1', 511, () => announce((server.address() as AddressInfo).port))
