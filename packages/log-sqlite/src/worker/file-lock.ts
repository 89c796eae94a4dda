import Database from 'libsql'
import { SqliteLogError } from '../sqlite-log-error.ts'
import { failureOf } from './sqlite-failure.ts'

/**
 * Locks a file for this process, until it is released or the process ends in any way.
 *
 * Node.js has no file locks, but SQLite does. The lock is on a separate, empty file (`history.db-lock`), which is
 * locked before any part of the log is accessed. So this package can read the log without SQLite: with POSIX locks,
 * which belong to a process, closing a file releases every lock that the process has on it.
 *
 * @returns a function that releases it
 * @throws SqliteLogError `FILE_IN_USE`, `LOCK_FILE_DAMAGED`, `CANNOT_OPEN`
 */
export function lockFile(path: string): () => void {
  const lockPath = `${path}-lock`
  let database: Database.Database | undefined
  try {
    database = new Database(lockPath)
    database.exec('BEGIN EXCLUSIVE')
    return () => database?.close()
  } catch (error) {
    database?.close()
    const failure = failureOf(error)
    if (failure.code === 'FILE_IN_USE') throw new SqliteLogError('FILE_IN_USE', path, { cause: error })
    if (failure.code === 'FILE_DAMAGED')
      throw new SqliteLogError('LOCK_FILE_DAMAGED', lockPath, { cause: error })
    throw new SqliteLogError('CANNOT_OPEN', `${lockPath} cannot be locked`, { cause: error })
  }
}
