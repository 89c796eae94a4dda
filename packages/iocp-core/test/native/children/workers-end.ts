import { once } from 'node:events'
import { workerStarter } from './start-worker.ts'

const startWorker = workerStarter('./worker-that-ends.ts')
const codes: unknown[] = []
for (const closes of [true, false]) {
  const worker = startWorker({ backend: process.argv[2], closes })
  codes.push((await once(worker, 'exit'))[0])
}
process.stdout.write(`ended ${codes.join(' ')}\n`)
