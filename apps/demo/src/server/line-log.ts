import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { recoverSqliteLog, type SqliteEventLog, SqliteLogError, sqliteEventLog } from '@frameport/log-sqlite'

export interface OpenLineLog {
  readonly lineLog: SqliteEventLog
  /** Sentences that say what was wrong with the file. */
  readonly warnings: readonly string[]
}

/** Files that belong to one log. The lock stays where it is: another one of the same name would let two servers in. */
const parts = ['', '-wal', '-shm']

/**
 * Opens the log of the lines in a folder. One that is damaged is put aside, and what can be read of it is copied into a new one.
 *
 * @throws SqliteLogError
 */
export async function openLineLog(folder: string): Promise<OpenLineLog> {
  const path = join(folder, 'lines.db')
  const recovered = join(folder, 'lines-recovered.db')
  // A server that was killed while it put the damaged file aside had copied everything.
  if (existsSync(recovered) && !existsSync(path)) takePlace(recovered, path, folder)
  try {
    return { lineLog: await sqliteEventLog({ path }), warnings: [] }
  } catch (error) {
    if (!SqliteLogError.is(error)) throw error
    if (error.code === 'FILE_IN_USE')
      throw new Error(
        `Another chat server uses the folder ${folder}. Stop it, or choose another folder with --data.`,
        { cause: error },
      )
    if (error.code !== 'FILE_DAMAGED') throw error
  }
  // One that was killed while it copied has not.
  removeAll(recovered)
  const { events, eventsDamaged, numbersMissing } = await recoverSqliteLog({ path, into: recovered })
  const damaged = takePlace(recovered, path, folder)
  const lost = Math.max(eventsDamaged, numbersMissing)
  return {
    lineLog: await sqliteEventLog({ path }),
    warnings: [
      `The file with the lines was damaged. ${events} entries (lines, joins and leaves) could be read and are kept; ${lost === 0 ? 'none is known to be lost' : `up to ${lost} are lost`}.`,
      `The damaged file is ${damaged}. Members who come back see that lines may be missing.`,
    ],
  }
}

/**
 * Puts the damaged file aside, and the recovered one in its place. The damaged file goes before its write-ahead log, and the recovered file comes last: whenever a
 * server is killed here, the next one sees that it has to go on, and opens no file without its log.
 *
 * @returns where the damaged file is
 */
function takePlace(recovered: string, path: string, folder: string): string {
  let number = 1
  const asideOf = (which: number) => join(folder, `lines-damaged-${which}.db`)
  while (existsSync(asideOf(number))) number += 1
  const aside = asideOf(number)
  for (const part of parts) if (existsSync(path + part)) renameSync(path + part, aside + part)
  renameSync(recovered, path)
  removeAll(recovered)
  return aside
}

function removeAll(path: string): void {
  for (const part of [...parts, '-lock']) rmSync(path + part, { force: true })
}
