import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { startLoad } from '../native/children/load.ts'

/* Terminates worker threads with receives, sends and accepts in flight. This file is also the worker. */
const rounds = 40

if (isMainThread) {
  for (let round = 0; round < rounds; round++) {
    const worker = new Worker(fileURLToPath(import.meta.url))
    await once(worker, 'message')
    await worker.terminate()
  }
  process.stdout.write(`terminated ${rounds}\n`)
} else {
  await startLoad('iocp', 8)
  parentPort?.postMessage('loaded')
}
