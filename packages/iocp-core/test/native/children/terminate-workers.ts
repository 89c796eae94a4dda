import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { workerStarter } from './start-worker.ts'

const startWorker = workerStarter('./load-in-worker.ts')
const rounds = 50

const open = () => readdirSync('/proc/self/fd').length
const threads = () => readdirSync('/proc/self/task').length

async function terminateOne(): Promise<void> {
  const worker = startWorker()
  await once(worker, 'message')
  await worker.terminate()
}

// The first brings what node keeps for ever.
await terminateOne()
const before = { descriptors: open(), threads: threads() }
for (let round = 1; round < rounds; round++) await terminateOne()
assert.deepEqual({ descriptors: open(), threads: threads() }, before)
process.stdout.write(`terminated ${rounds}, threads and descriptors as before\n`)
