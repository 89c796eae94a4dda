import { openNamedPort, say } from './open-named-port.ts'

const port = openNamedPort()
const sink = { data() {}, end() {}, drain() {}, close() {} }
const listener = await port.listen('tcp://127.0.0.1:0', (connection) => connection.start(sink))
const before = await port.connect(listener.endpoint)
before.start(sink)
// What is opened afterwards is unreferenced, too. This timer holds the process until it is open.
const hold = setTimeout(() => process.exit(2), 15_000)
port.unref()
await port.listen('tcp://127.0.0.1:0', () => undefined)
const after = await port.connect(listener.endpoint)
after.start(sink)
clearTimeout(hold)
// From here on only an unreferenced port is left: the process ends by itself, or this one ends it with an error.
setTimeout(() => process.exit(3), 15_000).unref()
say('unreferenced')
