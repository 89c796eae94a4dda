import { randomUUID } from 'node:crypto'
import { startWorkers } from '@frameport/server/workers'
import type { Logger } from 'pino'
import { limits } from '../../limits.ts'
import { type ChatStore, openStore, placeAtNats } from '../chat-store.ts'
import { dataFolder, type ServerOptions } from '../options.ts'
import { peerRows } from '../peers/peer-place.ts'
import type { RunningChat } from '../start-server.ts'
import { type ChatWorkerData, logName, newPagePort } from './worker-data.ts'

/**
 * The options that a thread needs to run TypeScript, and the packages that this process runs. It cannot inherit all options
 * of this process, because some are not valid for a thread.
 */
const execArgv = [
  ...process.execArgv.filter((option) => option.startsWith('--conditions=')),
  '--import',
  new URL('./typescript.mjs', import.meta.url).href,
]

/** A chat whose servers are threads. */
export type PooledChat = RunningChat & Required<Pick<RunningChat, 'threads'>>

/**
 * Starts several servers of one chat, which share one port. The main thread holds the data of the chat and serves no
 * clients.
 *
 * @throws ServerError `WORKER_FAILED` when a worker cannot start; Error when the folder of its data cannot be used
 */
export async function startChatPool(options: ServerOptions, count: number, log: Logger): Promise<PooledChat> {
  const { nats } = options
  // With NATS every worker has its own connection.
  const store =
    nats === undefined ? await openStore({ folder: dataFolder(options, process.env), nats }, log) : undefined
  try {
    return await startOn(store, options, count, log)
  } catch (error) {
    await store?.close()
    throw error
  }
}

async function startOn(
  store: ChatStore | undefined,
  options: ServerOptions,
  count: number,
  log: Logger,
): Promise<PooledChat> {
  const pagePort = newPagePort()
  const data: ChatWorkerData = {
    options,
    isTTY: process.stdout.isTTY === true,
    pagePort,
    process: randomUUID(),
  }
  const pool = await startWorkers(new URL('./chat-worker.ts', import.meta.url), {
    workers: count,
    data,
    execArgv,
    logs: store === undefined ? {} : { [logName]: store.log },
    log,
  })
  void pool.closed().then(async (failure) => {
    if (failure === undefined) return
    // The pool has logged the failure, and nothing keeps the process alive.
    process.exitCode = 1
    await store?.close()
  })
  const { url, alone } = pool
  const { listeners } = await pool.stats()
  return {
    url,
    port: Number(new URL(url).port),
    backend: listeners.find(({ urls }) => urls.includes(url))?.backend ?? 'unknown',
    place: options.nats === undefined ? store?.place : placeAtNats(options.nats),
    peers: peerRows(options),
    warnings: store?.warnings ?? [],
    pageUrl: options.page === false ? undefined : pageUrl(options.host, Atomics.load(pagePort, 0)),
    threads: { count: pool.workers.length, asked: count, alone },
    async close() {
      await pool.close({ graceMs: limits.closeGraceMs })
      await store?.close()
    },
  }
}

function pageUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`
}
