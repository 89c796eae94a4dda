/** One worker of a pool. `data`: the address to listen on, and memory for counting calls. */
import { setTimeout as delay } from 'node:timers/promises'
import { threadId } from 'node:worker_threads'
import type { BackendChoice } from '@frameport/iocp-core'
import { createServer, implement, type Server } from '@frameport/server'
import { thisWorker } from '@frameport/server/workers'
import { shared } from '../workers-contract.ts'

const worker = thisWorker()
const { endpoint, backend, calls, tls, keeps } = worker.data as {
  readonly endpoint: string
  readonly backend: BackendChoice
  readonly calls: SharedArrayBuffer
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Whether the main thread has a log. */
  readonly keeps?: boolean
}
const counters = new Int32Array(calls)

const server: Server = createServer(
  implement(shared).handlers({
    who: ({ connection }) => ({
      index: worker.index,
      threadId,
      session: connection.id,
      tls: connection.tls?.version,
    }),
    work: async ({ input: { number, takesMs } }) => {
      Atomics.add(counters, number, 1)
      await delay(takesMs)
      return { number }
    },
    die: ({ input: { how } }) => {
      if (how === 'exit') process.exit(3)
      setImmediate(() => {
        throw new Error('thrown where nobody catches')
      })
    },
    block: ({ input: { ms } }) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    },
    say: async ({ input: { room, number, isKept } }) => {
      await server.publish(isKept ? shared.events.kept : shared.events.tick, { room }, { number })
    },
    revoke: ({ input: { room }, connection }) => connection.revoke(shared.events.tick, { room }),
    async *count({ input: { items } }) {
      for (let number = 0; number < items; number++) {
        yield { number }
        await delay(1)
      }
    },
  }),
  {
    ...worker.serverOptions,
    log: false,
    eventLogs: keeps === true ? [{ log: worker.log('lines'), events: [shared.events.kept] }] : [],
    authorizeSubscribe: () => true,
    limits: { heartbeatIntervalMs: 1_000, heartbeatTimeoutMs: 500, helloTimeoutMs: 1_000 },
  },
)
await worker.serve(server, endpoint, { backend, ...tls })
