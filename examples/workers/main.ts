import { memoryEventLog } from '@frameport/server'
import { closeOnSignals } from '@frameport/server/node'
import { startWorkers } from '@frameport/server/workers'

const pool = await startWorkers(new URL('./worker.ts', import.meta.url), {
  workers: 2, // as many as the machine can run at once, unless told
  logs: { lines: memoryEventLog() },
  onWorkerLost: ({ index, error }) => console.error(`worker ${index}: ${error.message}`),
})
closeOnSignals(pool)
console.log(pool.url)
