import { openNamedPort, say } from './open-named-port.ts'

const port = openNamedPort()
const sink = { data() {}, end() {}, drain() {}, close() {} }
const listener = await port.listen('tcp://127.0.0.1:0', (connection) => connection.start(sink))
const client = await port.connect(listener.endpoint)
client.start(sink)
port.unref()
// From here on only an unreferenced port is left: the process ends by itself, or this one ends it with an error.
setTimeout(() => process.exit(3), 15_000).unref()
say('unreferenced')
