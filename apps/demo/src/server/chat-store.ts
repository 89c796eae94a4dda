import { mkdirSync } from 'node:fs'
import { type EventBus, type EventHistory, memoryEventLog } from '@frameport/server'

/** What a server keeps, and by what it reaches the other servers of its chat. */
export interface ChatStore {
  /** Lines, and who is where. */
  readonly log: EventHistory
  /** Undefined: there are no other servers. */
  readonly bus?: EventBus | undefined
  /** Where it is kept, for whoever starts the server; undefined: in memory. */
  readonly place: string | undefined
  /** What whoever starts the server has to know of it, in sentences. */
  readonly warnings: readonly string[]
  close(): Promise<void>
}

/** Where a server keeps things: in a folder, at a NATS server, or nowhere. */
export interface StorePlace {
  readonly folder: string | undefined
  /** The address of a NATS server, at which servers of one chat meet. */
  readonly nats: string | undefined
}

/**
 * Opens the store. A folder is made when it is not there; without one, and without a NATS server, everything is forgotten at the end.
 *
 * @throws Error of the file system, of the log or of the NATS server, or one that says what is there
 */
export async function openStore({ folder, nats }: StorePlace): Promise<ChatStore> {
  if (nats !== undefined) return await storeAtNats(nats)
  if (folder === undefined) {
    return { log: memoryEventLog(), place: undefined, warnings: [], close: async () => {} }
  }
  // Lines of people: nobody else on this machine is to read them.
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Where nothing is kept, the chat runs without SQLite, too: in runtimes and on systems that it has no binary for.
  const { openLineLog } = await import('./line-log.ts')
  const { lineLog: log, warnings } = await openLineLog(folder)
  return { log, place: folder, warnings, close: () => log.close() }
}

async function storeAtNats(servers: string): Promise<ChatStore> {
  const { connectNats } = await import('@frameport/broker-nats')
  const nats = await connectNats({ servers, prefix: 'frameport-chat' })
  try {
    const log = await nats.log({ name: 'chat' })
    return { log, bus: nats.bus, place: servers, warnings: [], close: () => nats.close() }
  } catch (error) {
    await nats.close()
    throw error
  }
}
