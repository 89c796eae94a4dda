import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer } from 'node:net'
import { FrameWriter, FramingError, readFrames } from '@frameport/framing'

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const decode = (frame: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(frame))

// A server of node:net. Each frame is one message of JSON, however TCP has cut the bytes.
const server = createServer(async (socket) => {
  const answers = new FrameWriter(socket)
  try {
    for await (const frame of readFrames(socket, { frameBytesMax: 1_024 })) {
      await answers.write(encode({ answer: decode(frame) })) // waits while the client does not read
    }
    await answers.end()
  } catch (error) {
    if (FramingError.is(error)) console.log(error.code, error.likelyProtocol)
    socket.destroy()
  }
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const { port } = server.address() as AddressInfo

const socket = createConnection(port, '127.0.0.1')
const questions = new FrameWriter(socket)
await questions.write(encode('one'))
await questions.write(encode({ two: 2 }))
await questions.end()
for await (const frame of readFrames(socket)) console.log(JSON.stringify(decode(frame)))

// A program that speaks another protocol: the first four bytes are not a length below the limit.
const browser = createConnection(port, '127.0.0.1')
browser.write('GET / HTTP/1.1\r\n\r\n')
browser.on('error', () => {})
await once(browser, 'close')
server.close()

//> {"answer":"one"}
//> {"answer":{"two":2}}
//> FRAME_TOO_LONG http
