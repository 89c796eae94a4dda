import { type AddressInfo, createServer, type Socket } from 'node:net'

/**
 * The yardstick: an echo server of frames on node:net as a careful user writes it. It splits without copying, answers
 * all frames of one data event with one write, keeps a partial frame aside, and stops reading while a client does not
 * take its answers.
 */
const headerBytes = 4

function echoFrames(socket: Socket): void {
  let partial: Buffer | undefined
  socket.on('data', (chunk: Buffer) => {
    const bytes = partial === undefined ? chunk : Buffer.concat([partial, chunk])
    let end = 0
    const payloads: Uint8Array[] = []
    while (bytes.length - end >= headerBytes) {
      const length = bytes.readUInt32BE(end)
      if (bytes.length - end - headerBytes < length) break
      payloads.push(new Uint8Array(bytes.buffer, bytes.byteOffset + end + headerBytes, length))
      end += headerBytes + length
    }
    partial = end === bytes.length ? undefined : bytes.subarray(end)
    if (end > 0 && !socket.write(coalesced(payloads, end))) socket.pause()
  })
  socket.on('drain', () => socket.resume())
  socket.on('error', () => socket.destroy())
}

function coalesced(payloads: readonly Uint8Array[], length: number): Buffer {
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
server.listen(0, '127.0.0.1', 511, () => {
  process.stdout.write(`listening ${(server.address() as AddressInfo).port} node:net\n`)
})
