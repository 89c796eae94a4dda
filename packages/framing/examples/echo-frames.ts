import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer } from 'node:net'
import { FrameDecoder, FrameEncoder, FramingError, readFrames, writeFrames } from '@frameport/framing'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (words: string) => new TextEncoder().encode(words)

// By hand: the encoder returns parts, and the decoder finds the frames in any chunks.
const [header, payload] = new FrameEncoder().encode(bytes('hello'))
console.log(header) //> Uint8Array(4) [ 0, 0, 0, 5 ]

const decoder = new FrameDecoder({ frameBytesMax: 1024 })
for (const chunk of [header?.subarray(0, 1), header?.subarray(1), payload]) {
  decoder.push(chunk ?? bytes(''), (frame) => console.log(text(frame))) //> hello
}

// Over sockets: an echo server in one line, and a client.
const server = createServer((socket) => writeFrames(socket, readFrames(socket)))
await once(server.listen(0, '127.0.0.1'), 'listening')
const socket = createConnection((server.address() as AddressInfo).port, '127.0.0.1')
await writeFrames(socket, [bytes('one'), bytes(''), bytes('three')])
for await (const frame of readFrames(socket)) console.log(`echo: "${text(frame)}"`)
//> echo: "one"
//> echo: ""
//> echo: "three"
server.close()

// Bytes that are not a frame cause a typed error that names the likely protocol.
try {
  decoder.push(bytes('GET / HTTP/1.1\r\n'))
  decoder.next()
} catch (error) {
  if (FramingError.is(error)) console.log(error.code, error.likelyProtocol) //> FRAME_TOO_LONG http
}
