import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { closeOnSignals } from '@frameport/server/node'
import { z } from 'zod'

const reports = contract('reports', {
  version: 1,
  procedures: { build: procedure({ output: z.string() }) },
})
const handlers = implement(reports).handlers({
  async build({ signal }) {
    await sleep(100, undefined, { signal }) // the signal is aborted when the grace period is over
    return 'the report is ready'
  },
})
const server = createServer(handlers)
const listener = await server.listen('tcp://127.0.0.1:0') // tcp://0.0.0.0:5500 where it is deployed

// This is all that a deployed server needs. SIGTERM and SIGINT close it in steps.
closeOnSignals(server, {
  announceMs: 50, // the default at SIGTERM is 5,000
  onClosed: ({ signal }) => console.log(`closed after ${signal}`), // close databases here
})

// The supervisor stops the server while a call is open.
const client = createClient(reports, listener.url, { reconnect: false })
const report = client.build()
await client.$connection.opened()
process.kill(process.pid, 'SIGTERM')
console.log(await report)
await client.$connection.closed()

//> the report is ready
//> closed after SIGTERM
