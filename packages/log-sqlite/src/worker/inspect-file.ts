import { closeSync, openSync, statSync } from 'node:fs'
import { pageBytes } from '../event-format.ts'
import { holdsEvents } from '../file/event-scan.ts'
import { type FirstPage, readFirstPage } from '../file/first-page.ts'
import { PageFile } from '../file/page-file.ts'
import { hasLostCommits, readWriteAheadLog } from '../file/write-ahead-log.ts'
import { SqliteLogError } from '../sqlite-log-error.ts'
import { applicationId, formatVersion, schema } from './format.ts'

export interface FileState {
  /** Whether the file is empty or does not exist. */
  readonly isNew: boolean
  readonly hasWal: boolean
}

/**
 * Checks a file for problems that SQLite would ignore or not survive. SQLite takes an empty file for a new one, even if
 * there is a write-ahead log. It reads that log only up to the first damage. It changes files of other programs. And
 * libsql ends the process for names that are not UTF-8.
 *
 * @throws SqliteLogError `FILE_DAMAGED`, `NOT_A_LOG`, `NEWER_FORMAT`
 */
export function inspectFile(path: string): FileState {
  const hasWal = sizeOf(`${path}-wal`) > 0
  if (sizeOf(path) === 0) {
    if (!hasWal) return { isNew: true, hasWal }
    const detail = `${path} is empty or missing, but its write-ahead log ${path}-wal is not`
    throw new SqliteLogError('FILE_DAMAGED', detail)
  }
  const first = firstPageOf(path)
  const problem = problemOf(first)
  if (problem !== undefined) {
    if (holdsEvents(path)) throw new SqliteLogError('FILE_DAMAGED', `${path} ${problem}`)
    throw new SqliteLogError('NOT_A_LOG', path)
  }
  if (hasWal) inspectWriteAheadLog(`${path}-wal`)
  // A process ended before it had created the tables.
  if (first.schema?.length === 0) return { isNew: true, hasWal }
  if (first.formatVersion > formatVersion) {
    const detail = `${path} has format ${first.formatVersion}, and this version of the package supports ${formatVersion}`
    throw new SqliteLogError('NEWER_FORMAT', detail)
  }
  if (first.schema?.join() === schema.join()) return { isNew: false, hasWal }
  throw new SqliteLogError('FILE_DAMAGED', `${path} does not have the tables of a log`)
}

/** @returns why it is not a log, or undefined */
function problemOf({ isSqlite, applicationId: given, schema: tables }: FirstPage): string | undefined {
  if (!isSqlite) return 'does not begin like a SQLite file'
  if (given === applicationId || tables?.length === 0) return undefined
  return 'is not marked as a log'
}

function firstPageOf(path: string): FirstPage {
  const file = new PageFile(path, pageBytes)
  try {
    return readFirstPage(file.newest(1) ?? Buffer.alloc(pageBytes))
  } finally {
    file.close()
  }
}

function inspectWriteAheadLog(path: string): void {
  const file = openSync(path, 'r')
  try {
    if (!hasLostCommits(readWriteAheadLog(file, pageBytes))) return
    throw new SqliteLogError('FILE_DAMAGED', `${path} is damaged before committed transactions`)
  } finally {
    closeSync(file)
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
