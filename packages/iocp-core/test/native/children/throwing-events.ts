import type { BackendName } from '../../../src/contract/backend-note.ts'
import { connectPairs, openDriver, record, until } from '../drivers.ts'

let thrown = 0
let delivered = 0
process.on('uncaughtException', () => thrown++)

const driver = openDriver(process.argv[2] as BackendName)
const { listener, clients, servers } = await connectPairs(driver, 8)
clients.map(record)
for (const [index, server] of servers.entries()) {
  record(server).received = () => {
    if (index % 2 === 0) throw new Error('a callback that throws')
    delivered++
  }
  server.receiveStart()
}
for (const client of clients) client.send([new Uint8Array(10)], 10)
await until(() => thrown === 4 && delivered === 4)
process.stdout.write(`${thrown} thrown, ${delivered} delivered\n`)
for (const connection of [...clients, ...servers]) connection.close(true)
await listener.close()
await driver.close()
