import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { WorkerTask } from './messages.ts'

/** Not in the package: a variable, so that no bundler looks for it. */
const ofClone = '../scripts/start-sources.mjs'

/** Starts the thread that drives a file. */
export function startWorker(task: WorkerTask): Worker {
  const named: WorkerOptions = { workerData: task, name: '@frameport/log-sqlite' }
  if (!import.meta.url.endsWith('.ts')) {
    // Not what the process was started with: no thread takes --input-type, for one.
    const options: WorkerOptions = { ...named, execArgv: [] }
    // Bundlers look for this very expression, and put the file of the worker beside their output.
    return new Worker(new URL('./worker.js', import.meta.url), options)
  }
  return new Worker(new URL(ofClone, import.meta.url), {
    ...named,
    execArgv: ['--conditions=@frameport/source'],
  })
}
