import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { pageBytes } from '../event-format.ts'
import { holdsEvents } from '../file/event-scan.ts'
import { hasLostCommits, readWriteAheadLog } from '../file/write-ahead-log.ts'
import { SqliteLogError } from '../sqlite-log-error.ts'

const magic = 'SQLite format 3\0'

/**
 * Looks for what SQLite would pass over in silence: it takes an empty file for a new one, with whatever is in the write-ahead log, and reads that up to the first damage.
 *
 * @returns false when there is no write-ahead log
 * @throws SqliteLogError `FILE_DAMAGED`, `NOT_A_LOG`
 */
export function inspectFile(path: string): boolean {
  const bytes = sizeOf(path)
  const hasWal = sizeOf(`${path}-wal`) > 0
  if (bytes === 0) {
    if (hasWal) {
      const detail = `${path} is empty or gone, and its write-ahead log ${path}-wal is not`
      throw new SqliteLogError('FILE_DAMAGED', detail)
    }
    return false
  }
  if (!hasMagic(path)) {
    if (holdsEvents(path)) throw new SqliteLogError('FILE_DAMAGED', `${path} does not begin as a SQLite file`)
    throw new SqliteLogError('NOT_A_LOG', path)
  }
  if (hasWal) inspectWriteAheadLog(`${path}-wal`)
  return hasWal
}

function inspectWriteAheadLog(path: string): void {
  const file = openSync(path, 'r')
  try {
    if (!hasLostCommits(readWriteAheadLog(file, pageBytes))) return
    throw new SqliteLogError('FILE_DAMAGED', `${path} is damaged in front of what was committed`)
  } finally {
    closeSync(file)
  }
}

function hasMagic(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(magic.length)
    readSync(file, bytes)
    return bytes.toString('latin1') === magic
  } finally {
    closeSync(file)
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
