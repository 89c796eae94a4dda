import { type BackendName, createCompletionPort } from '../../src/index.ts'
import { isHolding, until, usage } from './usage.ts'

/*
 * The server process of hold.ts: echoes on a few addresses, and reports its usage when it holds the wanted connections.
 */
const addresses = 4

const port = createCompletionPort({ backend: process.argv[2] as BackendName })
const listeners = await Promise.all(
  Array.from({ length: addresses }, (_, index) =>
    port.listen(`tcp://127.0.0.${index + 1}:0`, (connection) => {
      connection.start({
        data: (chunk) => void connection.send(chunk),
        end: () => connection.end(),
        drain() {},
        close() {},
      })
    }),
  ),
)
process.send?.({ urls: listeners.map(({ url }) => url) })

// Without the client there is nothing to do, even if something is still open.
process.on('disconnect', () => process.exit())
process.on('message', async (wanted: number | 'close') => {
  if (wanted === 'close') {
    await port.close()
    process.send?.({ counters: port.counters })
    return process.disconnect()
  }
  await until(
    () => isHolding(port, wanted),
    () => `${wanted} connections of the server: ${JSON.stringify(port.counters)}`,
  )
  process.send?.({ counters: port.counters, usage: await usage() })
})
