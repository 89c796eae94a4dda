import { createInterface } from 'node:readline'
import { createCompletionPort, IocpError, toDuplex } from '@frameport/iocp-core'

const port = createCompletionPort()

// A server for a protocol of lines. toDuplex() makes a stream of node:stream of a connection.
const listener = await port.listen('tcp://127.0.0.1:0', async (connection) => {
  const socket = toDuplex(connection)
  for await (const line of createInterface({ input: socket })) {
    if (line === 'quit') break
    socket.write(`${line.toUpperCase()}\n`)
  }
  socket.end()
})

// A client without node:stream: it sends bytes, and reads them with an iterator.
const connection = await port.connect(listener.url, { timeoutMs: 5_000 })
connection.send(new TextEncoder().encode('hello\nworld\nquit\n'))
let answer = ''
for await (const chunk of connection) answer += new TextDecoder().decode(chunk)
console.log(answer.trimEnd())
connection.end()

await listener.close()
const error = await port.connect(listener.url).catch((error: unknown) => error)
if (IocpError.is(error)) console.log(error.code)
await port.close()

//> HELLO
//> WORLD
//> CONNECTION_REFUSED
