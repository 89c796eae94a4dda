import assert from 'node:assert/strict'
import { once } from 'node:events'
import { collectGarbage } from '../../../conformance/support/collect-garbage.ts'
import { Neighbours } from '../../../conformance/support/neighbours.ts'
import { type BackendName, createCompletionPort } from '../../../src/index.ts'
import { workerStarter } from './start-worker.ts'

/*
 * Terminates worker threads that post the chunks of their ports: end-posting-workers.ts BACKEND
 * The chunks that reached this thread belong to it: it can read them, and they do not change any more.
 */
const backend = process.argv[2] as BackendName
const signal = AbortSignal.timeout(60_000)
const startWorker = workerStarter('./post-chunks.ts')
const port = createCompletionPort({ backend })
const neighbours = await Neighbours.two(port)
const received: Uint8Array[] = []
for (let round = 0; round < 4; round++) {
  const worker = startWorker({ backend })
  worker.on('message', (chunk: Uint8Array) => received.push(chunk))
  await once(worker, 'message', { signal })
  await worker.terminate()
  collectGarbage()
  neighbours.sendAll(70_000)
  await neighbours.allArrived({ signal })
}
const copies = received.map((chunk) => new Uint8Array(chunk))
neighbours.sendAll(70_000)
await neighbours.end({ signal })
for (const [index, chunk] of received.entries()) assert.deepEqual(chunk, copies[index])
await port.close()
process.stdout.write(`${backend}: ${received.length > 0 ? 'all' : 'none'} could be read\n`)
