import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type EventHistory, memoryEventLog } from '@frameport/server'
import type { Logger } from 'pino'
import { MembersFile } from './members-file.ts'
import type { Memory } from './memory.ts'

/** What a server keeps: lines in a log, and who is in the chat. */
export interface ChatStore {
  readonly lineLog: EventHistory
  readonly memory?: Memory
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
export async function openStore(folder: string | undefined, log: Logger): Promise<ChatStore> {
  if (folder === undefined) return { lineLog: memoryEventLog(), folder, warnings: [], close: async () => {} }
  // Lines of people: nobody else on this machine is to read them.
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Where nothing is kept, the chat runs without SQLite, too: in runtimes and on systems that it has no binary for.
  const { openLineLog } = await import('./line-log.ts')
  const { lineLog, warnings } = await openLineLog(folder)
  try {
    const memory = new MembersFile(join(folder, 'members.jsonl'), log)
    const close = async () => {
      memory.close()
      await lineLog.close()
    }
    return { lineLog, memory, folder, warnings, close }
  } catch (error) {
    await lineLog.close()
    throw error
  }
}
