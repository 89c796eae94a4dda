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
/** The port of the page in the previous worker at this place; 0 if there was none. */
const pagePortBefore = Atomics.load(pagePort, 0)

const host: ChatHost = {
  environment: worker.serverOptions.environment,
  process: { id, logs: worker.index === 0 },
  // Without NATS all servers of the chat are in this process.
  peersAt: options.nats === undefined ? defaults.host : undefined,
  /**
   * The page comes first, so that it is available when the pool reports that its workers listen. If the page fails, the
   * pool fails.
   */
  async listen({ server, service }, url, openPage) {
    const page = await openPage().catch(async (error: unknown) => {
      // If another server uses both ports, report the port of the chat.
      if (pagePortBefore === 0) await listenAlone(url)
      throw error
    })
    if (page !== undefined) Atomics.store(pagePort, 0, Number(new URL(page.url).port))
    const { backend } = options
    return { page, listener: await worker.serve(drainedServer(server, service), url, { backend }) }
  },
}

// Log to the descriptor, because `process.stdout` of a thread goes through the main thread and may lose its last rows.
const log = createLog({ isTTY, fd: 1 }).child({ worker: worker.index })
const running = await runChatOn(await storeOf(worker, options), ownOptions(), log, host)
await worker.closed()
await running.close()

/** Fails if another program listens on this port. The listener closes when the thread ends shortly afterwards. */
async function listenAlone(url: string): Promise<void> {
  const { backend } = options
  await tcp(url, { backend }).listen({ accepted: (one) => one.abort(), acceptFailed: () => {} })
}

/** With NATS, a worker opens its own store, like any server. Otherwise, it uses the log of the main thread. */
async function storeOf(of: ThisWorker, { nats }: ServerOptions): Promise<ChatStore> {
  if (nats !== undefined) return await openStore({ folder: undefined, nats }, log)
  return { log: of.log(logName), bus: of.bus, place: undefined, warnings: [], close: async () => {} }
}

/**
 * A successor serves the page on the same port as its predecessor, even if that was a free port chosen by the system.
 */
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
