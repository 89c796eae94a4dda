/**
 * A server in its own process, which can be killed and stopped: `orders-server.ts BACKEND PORT FILE`. Each handler that
 * begins writes a line to the file, which survives a kill. It sends its URL to the process that forked it.
 */
import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { BackendName } from '@frameport/iocp-core'
import { createServer, implement } from '@frameport/server'
import { type OrderName, orders } from '../orders-contract.ts'

const [backend, port, file] = process.argv.slice(2) as [BackendName, string, string]

const handled = async (name: OrderName, { number, takesMs }: { number: number; takesMs: number }) => {
  appendFileSync(file, `${name} ${number}\n`)
  await delay(takesMs)
  return { number }
}

const server = createServer(
  implement(orders).handlers({
    place: ({ input }) => handled('place', input),
    look: ({ input }) => handled('look', input),
  }),
  { backend, limits: { callsInFlightMax: 1_024 } },
)
const { url, backend: used } = await server.listen(`tcp://127.0.0.1:${port}`)
if (used !== backend) throw new Error(`asked for ${backend}, got ${used}`)
process.send?.(url)
process.once('disconnect', () => server.close())
