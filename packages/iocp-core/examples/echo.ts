import { createCompletionPort, IocpError } from '@frameport/iocp-core'

const port = createCompletionPort() // the best back end that works here; port.backend says which

// The server: callbacks. A chunk is lent until data returns; send has copied it by then.
const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
  connection.start({
    data: (chunk) => {
      connection.send(chunk)
    },
    end: () => connection.end(),
    drain() {},
    close() {},
  })
})

// The client: an iterator, whose chunks are its own. It ends with the peer's end.
const connection = await port.connect(listener.url)
connection.send(new TextEncoder().encode('hello, port'))
connection.end()
let echo = ''
for await (const chunk of connection) echo += new TextDecoder().decode(chunk)
console.log(echo) //> hello, port

// Errors have a code to branch on and a text that helps.
await listener.close()
try {
  await port.connect(listener.endpoint)
} catch (error) {
  if (IocpError.is(error)) console.log(error.code, error.systemCode) //> CONNECTION_REFUSED ECONNREFUSED
}

await port.close()
console.log(Object.values(port.counters).every((count) => count === 0)) //> true
