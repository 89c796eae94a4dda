/**
 * Every code of a {@link SqliteLogError}: what happened, and what to do about it. `docs/errors.md` is generated from
 * this table.
 */
export const sqliteLogErrorCodes = {
  CANNOT_OPEN: {
    happened: 'The file of the log, or its folder, cannot be opened for reading and writing.',
    fix: 'Create the folder, and let the user of the process read and write both. `path` must name a file, not a folder.',
  },
  DISK_FULL: {
    happened: 'The disk has no room for the event. Neither this event nor those appended with it were kept.',
    fix: 'Free space on the disk, or lower `limits.bytesMax`. The log accepts events again once there is room.',
  },
  EVENT_TOO_LONG: {
    happened: 'The event alone exceeds `bytesMax` or `waitingBytesMax`, so the log could never keep it.',
    fix: 'Raise the limit that the message names, or split the payload.',
  },
  FILE_DAMAGED: {
    happened:
      'The file of the log is damaged: a disk, a copy or another program has changed or truncated it.',
    fix: 'Copy the readable events into a new file with `recoverSqliteLog({ path, into })`, and open that file. The damaged file keeps all its events.',
  },
  FILE_IN_USE: {
    happened: 'The file of the log is already open, in this process or in another one.',
    fix: 'Open it in one process only, and share one log between the servers of that process. If a new server replaces another one, end the old one first.',
  },
  INVALID_LIMITS: {
    happened: 'A limit of the log is unknown, or is not an integer in its range.',
    fix: 'The message names the limit. README.md lists all limits with their defaults.',
  },
  INVALID_OPTION: {
    happened: 'An option of the log, or an argument of one of its methods, is unknown or invalid.',
    fix: 'The message names the option and the expected value. README.md lists all options.',
  },
  IO_FAILED: {
    happened: 'The system failed to read or write the file of the log. The event may have been kept or not.',
    fix: 'Check `cause` and the log of the system. After a failed write the log accepts no more events: close it and open it again.',
  },
  LOCK_FILE_DAMAGED: {
    happened:
      'The file that locks the log has contents, and they are not those of a lock. Another program has written it.',
    fix: 'Make sure that no process uses the log, and delete the lock file that the message names. The log itself is not affected.',
  },
  LOG_CLOSED: {
    happened: 'The log is already closed.',
    fix: 'Close the servers that use the log first, or open it again.',
  },
  NEWER_FORMAT: {
    happened: 'A later version of this package wrote the file, in a format that this version does not know.',
    fix: 'Install that version or a later one.',
  },
  NOT_A_LOG: {
    happened: 'The file is not a log of this package, and nothing in it looks like a damaged log.',
    fix: 'Check the path. A file that does not exist yet, or is empty, becomes a new log.',
  },
  TARGET_EXISTS: {
    happened: 'The file for the recovered events already exists.',
    fix: 'Give as `into` a path at which there is no file: `recoverSqliteLog` overwrites nothing.',
  },
  TOO_MUCH_WAITING: {
    happened:
      'The events that wait to be written already have as many bytes as `waitingBytesMax` allows. The event was not kept.',
    fix: 'Await the promise of `append` before appending more, or raise `limits.waitingBytesMax`. Events wait longer when the disk is slow or busy.',
  },
  WORKER_FAILED: {
    happened: 'The thread that works on the file could not be started, or has ended.',
    fix: 'Check `cause`. In a bundled program, mark `@frameport/log-sqlite` and `libsql` as external, so that `worker.js` and the binary of SQLite are found. Otherwise open the log again.',
  },
} as const

/** The stable code of a {@link SqliteLogError}. */
export type SqliteLogErrorCode = keyof typeof sqliteLogErrorCodes
