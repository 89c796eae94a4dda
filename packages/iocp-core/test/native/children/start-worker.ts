import { Worker } from 'node:worker_threads'
import { bundle } from './bundle.ts'

/** Returns a function that starts worker threads with a TypeScript program of this folder. It is bundled once. */
export function workerStarter(program: string): (data?: object) => Worker {
  const source = new URL(`data:text/javascript,${encodeURIComponent(bundle(program))}`)
  // Without the parent's arguments, which load the TypeScript compiler: if a worker is terminated while it reads the
  // compiler, Node.js leaks the descriptor of the file.
  return (data = {}) => new Worker(source, { workerData: data, execArgv: [] })
}
