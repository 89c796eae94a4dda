import { type AddressInfo, createServer, type Socket } from 'node:net'
import { announce } from './announce.ts'
import { WholeFrames } from './whole-frames.ts'

/** A server on node:net as an expert writes it: see {@link WholeFrames}. */
function echoFrames(socket: Socket): void {
  const frames = new WholeFrames()
  socket.on('data', (chunk) => {
    const answer = frames.take(chunk)
    if (answer !== undefined && !socket.write(answer)) socket.pause()
  })
  socket.on('drain', () => socket.resume())
  socket.on('error', () => socket.destroy())
}

const server = createServer({ noDelay: true }, echoFrames)
server.listen(0, '127.0.0.1', 511, () => announce((server.address() as AddressInfo).port))
