import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { recoverSqliteLog, type SqliteEventLog, SqliteLogError, sqliteEventLog } from '@frameport/log-sqlite'

export interface OpenLineLog {
  readonly lineLog: SqliteEventLog
  /** Sentences about the damage of the file. */
  readonly warnings: readonly string[]
}

/**
 * The files of one log. The lock file stays in its place: a second lock file with the same name would allow two
 * servers.
 */
const parts = ['', '-wal', '-shm']

/**
 * Opens the log of the lines in a folder. A damaged log is renamed, and its readable entries are copied into a new one.
 *
 * @throws SqliteLogError
 */
export async function openLineLog(folder: string): Promise<OpenLineLog> {
  const path = join(folder, 'lines.db')
  const recovered = join(folder, 'lines-recovered.db')
  // A server that was killed while it renamed the damaged file had already copied everything.
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
  // A server that was killed during the copy has not.
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
 * Renames the damaged file, and puts the recovered one in its place. The damaged file is renamed before its write-ahead
 * log, and the recovered file comes last. If a server is killed here at any time, the next one continues the work, and
 * never opens a file without its log.
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
