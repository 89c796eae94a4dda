import { Worker } from 'node:worker_threads'
import { bundle } from './bundle.ts'

/** Starts worker threads with a TypeScript program of this folder, which is bundled once. */
export function workerStarter(program: string): (data?: object) => Worker {
  const source = new URL(`data:text/javascript,${encodeURIComponent(bundle(program))}`)
  // Without the parent's arguments, which load the compiler of TypeScript: terminating a worker while that is being
  // read makes node lose the file's descriptor.
  return (data = {}) => new Worker(source, { workerData: data, execArgv: [] })
}
