import { once } from 'node:events'
import { workerStarter } from '../native/children/start-worker.ts'

/* The server process of pauses.ts. Its port is in a worker thread, which can be terminated. */
const [backend, pauseMs, addresses] = process.argv.slice(2)
const start = workerStarter('../../scale/pauses-worker.ts')
const worker = start({ backend, pauseMs: Number(pauseMs), addresses: Number(addresses) })
const [urls] = await once(worker, 'message')
process.send?.(urls)

// Without the client there is nothing to do, even if something is still open.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', async (question: 'pauses end' | 'close' | 'terminate') => {
  if (question === 'terminate') {
    await worker.terminate()
    process.send?.({ counters: {} })
    return process.disconnect()
  }
  worker.postMessage(question)
  const [report] = await once(worker, 'message')
  process.send?.(report)
})
