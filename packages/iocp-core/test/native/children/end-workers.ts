import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { places } from './end-inside.ts'
import { openDescriptors } from './open-descriptors.ts'
import { workerStarter } from './start-worker.ts'

/* Starts worker threads that end themselves, in every place and by exit or throw: end-workers.ts BACKEND */
const backend = process.argv[2]
const startWorker = workerStarter('./end-in-worker.ts')
const threads = () => readdirSync('/proc/self/task').length

async function endOne(place: string, way: string): Promise<void> {
  const worker = startWorker({ backend, place, way })
  const errors: Error[] = []
  worker.on('error', (error) => errors.push(error))
  // Not with `once`, which would reject with the error.
  const code = await new Promise((resolve) => worker.on('exit', resolve))
  const said = errors.map(({ message }) => message)
  assert.deepEqual([place, code, said], way === 'exit' ? [place, 23, []] : [place, 1, ['thrown on purpose']])
}

// The first worker opens what Node.js keeps open until the process ends.
await endOne('timer', 'exit')
const before = { descriptors: openDescriptors(), threads: threads() }
for (const place of places) for (const way of ['exit', 'throw']) await endOne(place, way)
// Node.js itself sometimes has one more descriptor for a moment.
for (let round = 0; round < 1_500 && openDescriptors() > before.descriptors; round++) await delay(20)
assert.deepEqual({ descriptors: openDescriptors(), threads: threads() }, before)
process.stdout.write('each ended in its own way, threads and descriptors as before\n')
