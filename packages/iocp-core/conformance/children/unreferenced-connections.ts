import { openNamedPort, say } from './open-named-port.ts'

/* Each timer here is unreferenced: it can only fire when a connection keeps the process alive. */
const serving = openNamedPort()
serving.unref()
const port = openNamedPort()
const sink = { data() {}, end() {}, drain() {}, close() {} }
const hold = setTimeout(() => process.exit(2), 15_000)
const listener = await serving.listen('tcp://127.0.0.1:0', (connection) => connection.start(sink))
const first = await port.connect(listener.endpoint)
const second = await port.connect(listener.endpoint)
const third = await port.connect(listener.endpoint)
for (const connection of [first, second, third]) connection.start(sink)
clearTimeout(hold)
first.unref()
third.unref()
await laterUnreferenced(300)
say('alive by the second')
second.unref()
first.ref()
first.ref()
await laterUnreferenced(300)
say('alive by the first again')
// What ends does not hold anything, and takes nothing of the others with it.
third.abort()
await laterUnreferenced(300)
say('alive without the third')
third.ref()
first.unref()
// A port that is referenced does not hold the process for connections that are not.
port.unref()
port.ref()
setTimeout(() => process.exit(3), 15_000).unref()
say('unreferenced')

function laterUnreferenced(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs).unref()
  })
}
