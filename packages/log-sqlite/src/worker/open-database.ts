import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import Database from 'libsql'
import { pageBytes } from '../event-format.ts'
import type { SqliteLogDurability } from '../options.ts'
import { SqliteLogError } from '../sqlite-log-error.ts'
import { lockFile } from './file-lock.ts'
import { applicationId, formatVersion, schema } from './format.ts'
import { inspectFile } from './inspect-file.ts'
import { failureOf } from './sqlite-failure.ts'

/** An open file that is locked for this process. */
export interface OpenedDatabase {
  readonly database: Database.Database
  /** Whether the file is new, without a row in `log`. */
  readonly isNew: boolean
  /** Whether there was a write-ahead log, because the file was not closed. */
  readonly hadWal: boolean
  /** Writes everything into the file, and releases it. */
  close(): void
}

/**
 * The size of the write-ahead log that is kept after a checkpoint, in bytes: four times the maximum between two
 * batches.
 */
const journalBytesMax = 4000 * pageBytes

/**
 * Opens the file of a log, or creates it. Checks the whole file.
 *
 * @throws SqliteLogError
 */
export function openDatabase(given: string): OpenedDatabase {
  if (given === ':memory:') return openInMemory()
  const path = realPath(given)
  const unlock = lockFile(path)
  let database: Database.Database | undefined
  try {
    checkAccess(path)
    const { isNew, hasWal: hadWal } = inspectFile(path)
    database = new Database(path)
    prepareFile(database, path, isNew)
    const opened = database
    return {
      database,
      isNew,
      hadWal,
      close: () => {
        try {
          opened.close()
        } finally {
          unlock()
        }
      },
    }
  } catch (error) {
    database?.close()
    unlock()
    throw failureOf(error, path)
  }
}

function openInMemory(): OpenedDatabase {
  const database = new Database(':memory:')
  database.exec(schema.join(';'))
  return { database, isNew: true, hadWal: false, close: () => database.close() }
}

/**
 * Returns the same name for a file, however it was given, because the lock uses the name. It is absolute, because
 * libsql takes other names for addresses of servers.
 *
 * @throws SqliteLogError `CANNOT_OPEN`
 */
export function realPath(given: string): string {
  const path = resolve(given)
  try {
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) return realpathSync(path)
    return join(realpathSync(dirname(path)), basename(path))
  } catch (error) {
    throw failureOf(error, path)
  }
}

function checkAccess(path: string): void {
  accessSync(dirname(path), constants.R_OK | constants.W_OK)
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (!stats.isFile()) throw new SqliteLogError('CANNOT_OPEN', `${path} is not a file`)
  accessSync(path, constants.R_OK | constants.W_OK)
}

function prepareFile(database: Database.Database, path: string, isNew: boolean): void {
  // No memory is shared with other processes, and no other process gets access in between: https://www.sqlite.org/wal.html#noshm
  run(database, 'locking_mode = EXCLUSIVE')
  if (!isNew) checkPages(database, path)
  else {
    run(database, `page_size = ${pageBytes}`)
    run(database, 'auto_vacuum = INCREMENTAL')
  }
  // Deleted data is erased from the file, so that it does not come back when a damaged file is recovered.
  run(database, 'secure_delete = ON')
  run(database, 'journal_mode = WAL')
  run(database, `journal_size_limit = ${journalBytesMax}`)
  run(database, 'synchronous = FULL')
  // A transaction writes each page once, at its end: `hasLostCommits` relies on that.
  run(database, 'cache_spill = OFF')
  if (isNew) {
    database.exec(
      `BEGIN; ${schema.join(';')}; PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${formatVersion}; COMMIT`,
    )
  }
}

/** @throws SqliteLogError `FILE_DAMAGED` */
function checkPages(database: Database.Database, path: string): void {
  const found = run(database, 'quick_check(1)')
  if (found !== 'ok') throw new SqliteLogError('FILE_DAMAGED', `${path}: ${String(found)}`)
}

/**
 * `power`: each commit waits until the disk has it. `process`: the system has it, and the disk gets it at checkpoints; a loss of power loses the
 * newest commits and damages nothing. https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export function setDurability(database: Database.Database, durability: SqliteLogDurability): void {
  run(database, `synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'}`)
}

/** @returns the first value that the pragma returns */
export function run(database: Database.Database, pragma: string): unknown {
  const row = database.prepare(`PRAGMA ${pragma}`).all()[0] as Record<string, unknown> | undefined
  return row && Object.values(row)[0]
}
