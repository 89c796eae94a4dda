import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { WorkerTask } from './messages.ts'

/** This file is not in the published package. Its name is in a variable, so that bundlers do not look for it. */
const ofClone = '../scripts/start-sources.mjs'

/** Starts the thread that works on a file. */
export function startWorker(task: WorkerTask): Worker {
  const named: WorkerOptions = { workerData: task, name: '@frameport/log-sqlite' }
  if (!import.meta.url.endsWith('.ts')) {
    // Without the arguments of the process: threads reject some of them, such as --input-type.
    const options: WorkerOptions = { ...named, execArgv: [] }
    // Bundlers recognise this expression and copy the worker file next to their output.
    return new Worker(new URL('./worker.js', import.meta.url), options)
  }
  return new Worker(new URL(ofClone, import.meta.url), {
    ...named,
    execArgv: ['--conditions=@frameport/source'],
  })
}
