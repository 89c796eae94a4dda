import { randomBytes } from 'node:crypto'
import type Database from 'libsql'
import type { SqliteLogDurability } from '../options.ts'
import { SqliteLogError } from '../sqlite-log-error.ts'
import { bootId, isSameBoot } from './boot-id.ts'
import type { OpenedDatabase } from './open-database.ts'

/** The facts that the log stores about itself. */
export interface LogState {
  /** The last number that was assigned. */
  last: number
  /** When this number was assigned, in milliseconds since 1970. */
  lastAt: number
  /** The number of the newest event of a topic without remaining events. */
  forgotten: number
  events: number
  bytes: number
}

type LogRow = [
  id: Uint8Array,
  last: number,
  lastAt: number,
  forgotten: number,
  durability: Buffer,
  isOpen: number,
  boot: Buffer,
]

/** The row of `log`, and the sums over all topics. */
export class StoredState {
  readonly id: Uint8Array
  readonly #database: Database.Database
  readonly #update: Database.Statement<[unknown[]]>
  #state: LogState
  #written: LogState

  constructor({ database, isNew, hadWal }: OpenedDatabase, durability: SqliteLogDurability) {
    this.#database = database
    if (isNew) {
      this.id = randomBytes(16)
      const values = [this.id, durability, bootId()]
      database.prepare('INSERT INTO log VALUES (1, ?, 0, 0, 0, ?, 1, ?)').run(values)
      this.#state = { last: 0, lastAt: 0, forgotten: 0, events: 0, bytes: 0 }
    } else {
      const row = database
        .prepare(
          'SELECT id, last, last_at, forgotten, CAST(durability AS BLOB), is_open, CAST(boot AS BLOB) FROM log',
        )
        .raw()
        .get([]) as LogRow | undefined
      if (row === undefined) throw damaged('the table log has no row')
      const [id, last, lastAt, forgotten, before, isOpen, boot] = row
      const hasLostPower = before.toString() === 'process' && !isSameBoot(boot.toString(), bootId())
      // Numbers may have been assigned and lost since then. New events must not get the same numbers.
      const mayHaveLost = isOpen !== 0 && (hasLostPower || !hadWal)
      this.id = mayHaveLost ? randomBytes(16) : Uint8Array.from(id)
      database
        .prepare('UPDATE log SET id = ?, durability = ?, is_open = 1, boot = ?')
        .run([this.id, durability, bootId()])
      const { events, bytes } = checkedSums(database, last)
      this.#state = { last, lastAt, forgotten, events, bytes }
    }
    this.#update = database.prepare('UPDATE log SET last = ?, last_at = ?, forgotten = ?')
    this.#written = { ...this.#state }
    // From here on, the file records that it is open and has a write-ahead log. If there is no such log later, it was
    // lost.
    database.exec('PRAGMA wal_checkpoint(TRUNCATE); UPDATE log SET is_open = 2')
  }

  /** The state in the open transaction, if there is one. */
  get now(): LogState {
    return this.#state
  }

  write(): void {
    this.#update.run([this.#state.last, this.#state.lastAt, this.#state.forgotten])
  }

  committed(): void {
    this.#written = { ...this.#state }
  }

  takenBack(): void {
    this.#state = { ...this.#written }
  }

  /** Records that nothing can be lost from here on: everything was written, and the file is closed. */
  close(): void {
    this.#database.exec('UPDATE log SET is_open = 0')
  }
}

type Sums = [events: number, bytes: number]

/**
 * The sums of all topics. Events are deleted according to them, so they are compared with the events: a damaged sum would delete events that
 * should be kept.
 */
function checkedSums(database: Database.Database, last: number): { events: number; bytes: number } {
  const query = (text: string) => database.prepare(text).raw().get([])
  const [events, bytes] = query(
    'SELECT coalesce(sum(events), 0), coalesce(sum(bytes), 0) FROM topics',
  ) as Sums
  const [count, cost, newest] = query(
    'SELECT count(*), coalesce(sum(cost), 0), coalesce(max(number), 0) FROM events',
  ) as [...Sums, number]
  if (count !== events || cost !== bytes) {
    throw damaged(
      `it has ${count} events of ${cost} bytes, but its topics count ${events} events of ${bytes} bytes`,
    )
  }
  if (newest > last) throw damaged(`it has an event ${newest} after the last one, ${last}`)
  return { events, bytes }
}

function damaged(what: string): SqliteLogError {
  return new SqliteLogError('FILE_DAMAGED', `The file contradicts itself: ${what}.`)
}
