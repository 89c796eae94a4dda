import type { BackendName } from '@frameport/iocp-core'
import { type StartWorkersOptions, startWorkers } from '@frameport/server/workers'
import { packageConditions } from '../support/typescript-arguments.ts'

/** The options that threads need to run TypeScript. */
export const execArgv: readonly string[] = [
  ...packageConditions,
  '--import',
  new URL('../support/typescript-in-workers.mjs', import.meta.url).href,
]

/** The number of calls that can be counted. */
const numbersMax = 100_000

/** A pool of `children/shared-worker.ts`, and the number of times that each number of `work` has run in any worker. */
export async function sharedPool(backend: BackendName, options: StartWorkersOptions = {}) {
  const calls = new SharedArrayBuffer(4 * numbersMax)
  const pool = await startWorkers(new URL('./children/shared-worker.ts', import.meta.url), {
    log: false,
    execArgv,
    data: { endpoint: 'tcp://127.0.0.1:0', backend, calls },
    ...options,
  })
  const runs = new Int32Array(calls)
  return { pool, runs, port: () => Number(new URL(pool.url).port) }
}
