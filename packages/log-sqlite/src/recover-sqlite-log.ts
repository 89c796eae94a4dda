import type { FromWorker, SqliteLogRecoveryReport } from './messages.ts'
import { checkRecovery, type SqliteLogRecovery } from './options.ts'
import { SqliteLogError } from './sqlite-log-error.ts'
import { startWorker } from './start-worker.ts'
import { errorOf } from './worker-failure.ts'

/**
 * Copies every event that can still be read from a damaged log into a new one. The events keep their numbers, but the
 * new log has another id, so a gap is reported to readers with positions of the old log. The damaged file is not
 * changed.
 *
 * @example
 * const { events, eventsDamaged } = await recoverSqliteLog({ path: 'history.db', into: 'recovered.db' })
 *
 * @throws SqliteLogError rejects with `INVALID_OPTION`, `TARGET_EXISTS`, `CANNOT_OPEN`, `FILE_IN_USE`, `DISK_FULL`, `IO_FAILED`, `WORKER_FAILED`
 */
export async function recoverSqliteLog(options: SqliteLogRecovery): Promise<SqliteLogRecoveryReport> {
  const recovery = checkRecovery(options)
  const message = await answerOf(recovery)
  if (message.kind === 'recovered') return message.report
  if (message.kind === 'not-opened') throw errorOf(message.error)
  throw new SqliteLogError('WORKER_FAILED', `The thread sent an unexpected message, ${message.kind}.`)
}

function answerOf(recovery: SqliteLogRecovery): Promise<FromWorker> {
  const worker = startWorker({ kind: 'recovery', ...recovery })
  return new Promise((resolve, reject) => {
    let cause: unknown
    let answer: FromWorker | undefined
    worker.on('message', (message: FromWorker) => {
      answer = message
    })
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', () => {
      if (answer === undefined) reject(new SqliteLogError('WORKER_FAILED', undefined, { cause }))
      else resolve(answer)
    })
  })
}
