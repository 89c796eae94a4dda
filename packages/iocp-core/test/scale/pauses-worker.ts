import { parentPort, workerData } from 'node:worker_threads'
import { type Connection, createCompletionPort } from '../../src/index.ts'

/*
 * The server thread of pauses.ts: echoes, and pauses and resumes all connections of the first address in one turn. So
 * many cancels and receives in one turn fill the port's list of work for the kernel.
 */
const { backend, pauseMs, addresses } = workerData
const quiet = new Set<Connection>()

function serve(connection: Connection): void {
  connection.start({
    data: (chunk) => void connection.send(chunk),
    end: () => connection.end(),
    drain() {},
    close: () => quiet.delete(connection),
  })
}

const port = createCompletionPort({ backend })
const urls: string[] = []
for (let address = 1; address <= addresses; address++) {
  const listener = await port.listen(`tcp://127.0.0.${address}:0`, (connection) => {
    if (address === 1) quiet.add(connection)
    serve(connection)
  })
  urls.push(listener.url)
}
const pausing = setInterval(() => {
  for (const connection of quiet) connection.pause()
  for (const connection of quiet) connection.resume()
}, pauseMs)
parentPort?.postMessage({ urls })

parentPort?.on('message', async (question: 'pauses end' | 'close') => {
  clearInterval(pausing)
  if (question === 'close') await port.close()
  parentPort?.postMessage({ counters: port.counters })
})
