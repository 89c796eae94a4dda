import Database from 'libsql'
import { SqliteLogError } from '../sqlite-log-error.ts'
import { failureOf } from './sqlite-failure.ts'

/**
 * Takes a file for this process, until it is given back or the process ends, however that ends.
 *
 * Node.js has no locks of files; SQLite has. The lock is on a file of its own (`history.db-lock`, empty), which is taken before anything of the log is
 * looked at. The log itself can be read by hand then: where locks belong to a process (POSIX), closing a file gives back every lock that the process
 * has on it.
 *
 * @returns what gives it back
 * @throws SqliteLogError `FILE_IN_USE`, `CANNOT_OPEN`
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
    throw new SqliteLogError('CANNOT_OPEN', `${lockPath} cannot be locked`, { cause: error })
  }
}
