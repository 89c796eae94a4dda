import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { openDescriptors } from './open-descriptors.ts'
import { workerStarter } from './start-worker.ts'

/*
 * Starts worker threads and terminates them with I/O in flight: terminate-workers.ts BACKEND ROUNDS [_ ENDPOINT]
 * With an endpoint (which never answers) the I/O is a connect, otherwise receives and sends under load.
 */
const [backend, roundsText, , endpoint] = process.argv.slice(2)
const rounds = Number(roundsText)
const startWorker = workerStarter(endpoint === undefined ? './load-in-worker.ts' : './connect-in-worker.ts')

const leaveTimeoutMs = 30_000
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
const threads = () => readdirSync('/proc/self/task').length

async function terminateOne(): Promise<void> {
  const worker = startWorker({ backend, endpoint })
  await once(worker, 'message')
  await worker.terminate()
}

// The first worker opens what Node.js keeps open until the process ends.
await terminateOne()
const before = { descriptors: openDescriptors(), threads: threads() }
const started = performance.now()
for (let round = 1; round < rounds; round++) await terminateOne()
const seconds = ((performance.now() - started) / 1000).toFixed(1)
// A thread is joined when the kernel clears its id (clone(2), CLONE_CHILD_CLEARTID), and leaves this list a bit later.
const giveUpAtMs = performance.now() + leaveTimeoutMs
while (threads() > before.threads && performance.now() < giveUpAtMs) await nextTurn()
assert.equal(openDescriptors(), before.descriptors)
// The count before may have included a thread that was about to end.
assert.ok(threads() <= before.threads, `${threads()} threads after ${before.threads}`)
process.stdout.write(
  `${backend}: terminated ${rounds} worker threads with I/O in flight in ${seconds} s, ` +
    `descriptors ${before.descriptors} as before, threads ${threads()} after ${before.threads}\n`,
)
