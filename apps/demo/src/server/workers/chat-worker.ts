import { tcp } from '@frameport/server/tcp'
import { type ThisWorker, thisWorker } from '@frameport/server/workers'
import { defaults } from '../../options.ts'
import { type ChatStore, openStore } from '../chat-store.ts'
import { createLog } from '../log.ts'
import type { ServerOptions } from '../options.ts'
import { type ChatHost, runChatOn } from '../start-server.ts'
import { drainedServer } from './drained-server.ts'
import { type ChatWorkerData, defaultWorkerLabel, logName, pageWorker, workerLabel } from './worker-data.ts'

/** One worker of the chat: a whole chat server, which shares its port, its log and its roster with the others. */

const worker = thisWorker()
const { options, isTTY, pagePort, process: id } = worker.data as ChatWorkerData
const hasPage = worker.index === pageWorker && options.page !== false
/** Of the worker that had this place before; 0: there was none. */
const pagePortBefore = Atomics.load(pagePort, 0)

const host: ChatHost = {
  environment: worker.serverOptions.environment,
  process: { id, logs: worker.index === 0 },
  // Without NATS all servers of the chat are in this process.
  peersAt: options.nats === undefined ? defaults.host : undefined,
  /** The page comes first: when the pool says that its workers listen, it is there, or the pool has failed. */
  async listen({ server, service }, url, openPage) {
    const page = await openPage().catch(async (error: unknown) => {
      // When another server has both ports, that of the chat is the one to tell of.
      if (pagePortBefore === 0) await listenAlone(url)
      throw error
    })
    if (page !== undefined) Atomics.store(pagePort, 0, Number(new URL(page.url).port))
    const { backend } = options
    return { page, listener: await worker.serve(drainedServer(server, service), url, { backend }) }
  },
}

// The descriptor, since `process.stdout` of a thread goes through the main thread, and may lose its last rows.
const log = createLog({ isTTY, fd: 1 }).child({ worker: worker.index })
const running = await runChatOn(await storeOf(worker, options), ownOptions(), log, host)
await worker.closed()
await running.close()

/** Fails when another program listens there. The thread ends with its listener soon. */
async function listenAlone(url: string): Promise<void> {
  const { backend } = options
  await tcp(url, { backend }).listen({ accepted: (one) => one.abort(), acceptFailed: () => {} })
}

/** Where NATS has the log, a worker connects to it as any server does. */
async function storeOf(of: ThisWorker, { nats }: ServerOptions): Promise<ChatStore> {
  if (nats !== undefined) return await openStore({ folder: undefined, nats }, log)
  return { log: of.log(logName), bus: of.bus, place: undefined, warnings: [], close: async () => {} }
}

/** A successor serves the page where it was, also where that was any free port. */
function ownOptions(): ServerOptions {
  const { label = defaultWorkerLabel(options.nats !== undefined), peerPort = 0, ...others } = options
  const own = {
    ...others,
    label: workerLabel(label, worker.index),
    peerPort: peerPort === 0 ? 0 : peerPort + worker.index,
  }
  if (!hasPage) return { ...own, page: false }
  return pagePortBefore === 0 ? own : { ...own, pagePort: pagePortBefore }
}
