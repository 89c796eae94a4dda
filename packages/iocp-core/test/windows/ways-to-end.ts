import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { injectionOf } from '../../conformance/injection/points.ts'
import { createCompletionPort } from '../../src/index.ts'
import { startLoad } from '../native/children/load.ts'

/*
 * Shows which ends of an environment close its ports, and which leave them to the kernel (ADR 17). Each way runs in its
 * own process, which prints how many ports were open at its very end. Needs an addon of a variant inject; runs on every
 * system.
 */
const here = fileURLToPath(import.meta.url)
const backend = process.platform === 'win32' ? 'iocp' : 'epoll'

async function withWorker(word: string): Promise<void> {
  injectionOf().reportAtExit()
  const worker = new Worker(here, { workerData: word })
  const exited = once(worker, 'exit')
  await once(worker, 'message')
  if (word === 'terminated') await worker.terminate()
  else worker.postMessage('exit')
  await exited
}

const ways: Readonly<Record<string, () => Promise<void>>> = {
  async 'process.exit of the main thread'() {
    injectionOf().reportAtExit()
    await startLoad(backend, 4)
    process.exit(0)
  },
  async 'an event loop that runs empty'() {
    injectionOf().reportAtExit()
    const port = createCompletionPort({ backend })
    await port.listen('tcp://127.0.0.1:0', () => undefined)
    port.unref()
  },
  'process.exit of a worker thread': () => withWorker('exits'),
  'a worker thread that is terminated': () => withWorker('terminated'),
}

const [asked] = process.argv.slice(2)
if (!isMainThread) {
  await startLoad(backend, 4)
  parentPort?.on('message', () => process.exit(0))
  parentPort?.postMessage(workerData)
} else if (asked !== undefined) {
  await ways[asked]?.()
} else {
  for (const way of Object.keys(ways)) {
    process.stdout.write(`${way}, `)
    const { status } = spawnSync(process.execPath, [...process.execArgv, here, way], { stdio: 'inherit' })
    if (status !== 0) process.stdout.write(`status ${status}\n`)
  }
}
