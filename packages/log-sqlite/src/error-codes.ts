/** Every code a {@link SqliteLogError} can carry. docs/errors.md is made from this table. */
export const sqliteLogErrorCodes = {
  CANNOT_OPEN: {
    happened: 'The file of the log, or the folder that it is in, cannot be opened for reading and writing.',
    fix: 'Create the folder, and let the user who runs the process read and write both. path names a file, not a folder.',
  },
  DISK_FULL: {
    happened: 'The disk has no room for the event. It was not kept, and neither were those appended with it.',
    fix: 'Free space on the disk, or lower limits.bytesMax. The log takes events again once there is room.',
  },
  EVENT_TOO_LONG: {
    happened: 'The event alone is over bytesMax or waitingBytesMax, so the log could never keep it.',
    fix: 'Raise the limit that the text names, or send the payload in parts.',
  },
  FILE_DAMAGED: {
    happened: 'The file of the log is damaged: a disk, a copy or another program has changed or cut it.',
    fix: 'Copy what can be read into a new file with recoverSqliteLog({ path, into }), and open that one. The damaged file keeps every event that it has.',
  },
  FILE_IN_USE: {
    happened: 'The file of the log is open already, in this process or in another one.',
    fix: 'Let one process open it, and share one log between the servers of that process. End the other one first when it is a server that is to be replaced.',
  },
  INVALID_LIMITS: {
    happened: 'A limit of the log is unknown, or is not a whole number in its range.',
    fix: 'The text names the limit; README.md lists all of them with their defaults.',
  },
  INVALID_OPTION: {
    happened: 'An option of the log, or of one of its methods, is unknown or wrong.',
    fix: 'The text names the option and what was meant or expected; README.md lists all of them.',
  },
  IO_FAILED: {
    happened: 'The system failed to read or write the file of the log. The event may have been kept or not.',
    fix: 'Look at cause and at the log of the system. Once writing has failed this log takes no more events: close it and open it again.',
  },
  LOG_CLOSED: {
    happened: 'The log was closed before this.',
    fix: 'Close the servers that use the log first, or open it again.',
  },
  NEWER_FORMAT: {
    happened:
      'The file was written by a later version of this package, in a format that this one does not know.',
    fix: 'Install that version or a later one.',
  },
  NOT_A_LOG: {
    happened: 'The file is not a log of this package, and nothing in it looks like one that was damaged.',
    fix: 'Check the path. A file that does not exist yet, or is empty, becomes a new log.',
  },
  TARGET_EXISTS: {
    happened: 'The file that recovered events were to be written to exists already.',
    fix: 'Give a path as into at which there is no file: recoverSqliteLog overwrites nothing.',
  },
  TOO_MUCH_WAITING: {
    happened:
      'As many bytes of events wait to be written as the limit waitingBytesMax allows. The event was not kept.',
    fix: 'Wait for what append returns before appending more, or raise limits.waitingBytesMax. A disk that is slow or busy makes events wait for longer.',
  },
  WORKER_FAILED: {
    happened: 'The thread that drives the file could not be started, or has ended.',
    fix: 'Look at cause. In a program that was bundled, leave @frameport/log-sqlite and libsql out of the bundle (external), so that worker.js and the binary of SQLite are found. Otherwise open the log again.',
  },
} as const

export type SqliteLogErrorCode = keyof typeof sqliteLogErrorCodes
