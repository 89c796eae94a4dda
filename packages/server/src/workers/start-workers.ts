import { pathToFileURL } from 'node:url'
import { refusal } from '../check-options.ts'
import { checkPoolOptions, type StartWorkersOptions } from './pool-options.ts'
import type { WorkerPool } from './pool-types.ts'
import { ThreadPool } from './worker-pool.ts'

/**
 * Runs a file in several worker threads, each of which serves the same port. The file must call
 * `thisWorker().serve(server, endpoint)`. Settles when all workers listen.
 *
 * @example
 * ```ts
 * const pool = await startWorkers(new URL('./worker.js', import.meta.url), { workers: 4 })
 * closeOnSignals(pool)
 * ```
 *
 * @param file the URL of a file, or an absolute path
 * @throws ServerError `WORKER_FAILED` if a worker cannot start, after the others have been closed; `INVALID_OPTION`,
 * `INVALID_LIMITS`. All of them are rejections
 */
export async function startWorkers(
  file: URL | string,
  options: StartWorkersOptions = {},
): Promise<WorkerPool> {
  const pool = new ThreadPool(urlOf(file), checkPoolOptions(options))
  await pool.start()
  return pool
}

function urlOf(file: URL | string): URL {
  if (file instanceof URL) return file
  if (typeof file === 'string') return file.startsWith('file:') ? new URL(file) : pathToFileURL(file)
  throw refusal("the file is neither a URL nor a path: give new URL('./worker.js', import.meta.url)")
}
