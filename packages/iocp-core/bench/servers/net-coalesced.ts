import { type AddressInfo, createServer, type Socket } from 'node:net'
import { announce } from './announce.ts'
import { splitFrames } from './split-frames.ts'

/** A server on node:net as a careful user writes it: one write of one buffer answers all frames of one data event. */
const headerBytes = 4

function echoFrames(socket: Socket): void {
  let payloads: Buffer[] = []
  let answerBytes = 0
  const split = splitFrames((payload) => {
    payloads.push(payload)
    answerBytes += headerBytes + payload.length
  })
  socket.on('data', (chunk) => {
    split(chunk)
    if (answerBytes === 0) return
    const answer = coalesced(payloads, answerBytes)
    payloads = []
    answerBytes = 0
    if (!socket.write(answer)) socket.pause()
  })
  socket.on('drain', () => socket.resume())
  socket.on('error', () => socket.destroy())
}

function coalesced(payloads: readonly Buffer[], length: number): Buffer {
  const answer = Buffer.allocUnsafe(length)
  let at = 0
  for (const payload of payloads) {
    at = answer.writeUInt32BE(payload.length, at)
    answer.set(payload, at)
    at += payload.length
  }
  return answer
}

const server = createServer({ noDelay: true }, echoFrames)
server.listen(0, '127.0.0.1', 511, () => announce((server.address() as AddressInfo).port))
