import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SqliteEventLog, sqliteEventLog } from '@frameport/log-sqlite'
import type { BrokerWorld, OpenWorld } from '../broker-world.ts'

/** A log in a file: servers of one process share the one that has it open. It carries no events that are not kept. */
export const sqliteWorld: BrokerWorld = {
  name: 'sqlite',
  async open(): Promise<OpenWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'frameport-world-'))
    let opened: Promise<SqliteEventLog> | undefined
    return {
      bus: () => Promise.reject(new Error('no bus: a file tells no server of what others publish')),
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
