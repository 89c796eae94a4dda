import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@frameport/client'
import { contract, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { closeOnSignals } from '@frameport/server/node'
import { z } from 'zod'

const clock = contract('clock', {
  version: 1,
  procedures: {
    wait: procedure({ input: z.object({ ms: z.number() }), output: z.string() }),
    ticks: procedure({ items: z.number() }),
  },
})
const handlers = implement(clock).handlers({
  async wait({ input, signal }) {
    await sleep(input.ms, undefined, { signal })
    return 'done'
  },
  async *ticks({ signal }) {
    for (let tick = 0; ; tick++) {
      yield tick
      await sleep(10, undefined, { signal }) // an endless stream ends by its signal
    }
  },
})
const server = createServer(handlers)
const listener = await server.listen('tcp://127.0.0.1:0')

// No more connections and calls; open calls get 500 ms, the rest is aborted. Then the process has nothing to wait for.
closeOnSignals(server, { announceMs: 0, graceMs: 500, onClosed: () => console.log('the server is closed') })

// A client with a call that ends within the grace, and a stream that does not.
const client = createClient(clock, listener.url, { reconnect: false }) // there is no other server to go on with
const waiting = client.wait({ ms: 100 })
const ticks = client.ticks()
await ticks.next()
process.kill(process.pid, 'SIGTERM') // as a supervisor does
console.log(await waiting)
try {
  for await (const tick of ticks) if (tick < 0) break
} catch (error) {
  if (RpcError.is(error)) console.log(error.code)
}
await client.$connection.closed()

//> done
//> UNAVAILABLE
//> the server is closed
