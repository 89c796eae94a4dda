import { mkdirSync } from 'node:fs'
import { type EventHistory, memoryEventLog } from '@frameport/server'

/** What a server keeps: lines, and who is where, in one log. */
export interface ChatStore {
  readonly log: EventHistory
  /** Where it is kept; undefined: in memory. */
  readonly folder: string | undefined
  /** What whoever starts the server has to know of it, in sentences. */
  readonly warnings: readonly string[]
  close(): Promise<void>
}

/**
 * Opens the store in a folder, which is made when it is not there; without one everything is forgotten at the end.
 *
 * @throws Error of the file system or of the log, or one that says what is there
 */
export async function openStore(folder: string | undefined): Promise<ChatStore> {
  if (folder === undefined) return { log: memoryEventLog(), folder, warnings: [], close: async () => {} }
  // Lines of people: nobody else on this machine is to read them.
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Where nothing is kept, the chat runs without SQLite, too: in runtimes and on systems that it has no binary for.
  const { openLineLog } = await import('./line-log.ts')
  const { lineLog: log, warnings } = await openLineLog(folder)
  return { log, folder, warnings, close: () => log.close() }
}
