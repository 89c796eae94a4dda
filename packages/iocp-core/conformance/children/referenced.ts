import { openNamedPort, say } from './open-named-port.ts'

/* Each timer here is unreferenced: it can only fire when the port keeps the process alive. */
const port = openNamedPort()
const sink = { data() {}, end() {}, drain() {}, close() {} }
const listener = await port.listen('tcp://127.0.0.1:0', (connection) => connection.start(sink))
port.unref()
port.ref()
await laterUnreferenced(300)
say('alive by its listener')
const client = await port.connect(listener.endpoint)
client.start(sink)
await listener.close()
await laterUnreferenced(300)
say('alive by its connection')
await port.close()
say('closed')

function laterUnreferenced(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs).unref()
  })
}
