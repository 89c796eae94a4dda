import { connectPairs, openDriver, record, until } from '../drivers.ts'

/* A hundred connections send 1 MiB each through a few buffers. Prints how far the last is when the first is done. */
const driver = openDriver('io_uring', 1024)
const { listener, clients, servers } = await connectPairs(driver, 100)
const flood = new Uint8Array(1024 * 1024)
for (const client of clients) {
  record(client)
  client.send([flood], flood.length)
}
const received = servers.map(() => 0)
let leastWhenOneIsDone: number | undefined
for (const [index, server] of servers.entries()) {
  record(server).received = (chunk) => {
    received[index]! += chunk.length
    if (received[index] === flood.length) leastWhenOneIsDone ??= Math.min(...received)
  }
  server.receiveStart()
}
await until(() => received.every((bytes) => bytes === flood.length))
process.stdout.write(`${leastWhenOneIsDone}\n`)
for (const connection of [...clients, ...servers]) connection.close(true)
await listener.close()
await driver.close()
