import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { WorkerTask } from './messages.ts'

/** Starts the thread that drives a file. */
export function startWorker(task: WorkerTask): Worker {
  const options: WorkerOptions = { workerData: task, name: '@frameport/log-sqlite' }
  // Bundlers look for this very expression, and put the file of the worker beside their output.
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url), options)
  return new Worker(new URL('./worker/start-sources.mjs', import.meta.url), {
    ...options,
    execArgv: ['--conditions=@frameport/source'],
  })
}
