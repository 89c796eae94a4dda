import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SqliteEventLog, sqliteEventLog } from '@frameport/log-sqlite'
import { memoryEventBus } from '@frameport/server'
import type { BrokerWorld, OpenWorld } from '../broker-world.ts'

/** A log in a file, which servers of one process share. Other events use a bus in memory. */
export const sqliteWorld: BrokerWorld = {
  name: 'sqlite',
  neverAway: 'it is a file',
  async open(): Promise<OpenWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'frameport-world-'))
    const bus = memoryEventBus()
    let opened: Promise<SqliteEventLog> | undefined
    return {
      bus: async () => bus,
      log() {
        opened ??= sqliteEventLog({ path: join(folder, 'history.db') })
        return opened
      },
      outage: undefined,
      async close() {
        await (await opened)?.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}
