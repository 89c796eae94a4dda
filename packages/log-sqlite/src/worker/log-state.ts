import { randomBytes } from 'node:crypto'
import type Database from 'libsql'
import type { SqliteLogDurability } from '../options.ts'
import { bootId, isSameBoot } from './boot-id.ts'
import type { OpenedDatabase } from './open-database.ts'

/** What the log knows of itself. */
export interface LogState {
  /** The last number that was given. */
  last: number
  /** When, in milliseconds since 1970. */
  lastAt: number
  /** Number of the newest event of a topic that has none left. */
  forgotten: number
  events: number
  bytes: number
}

type LogRow = [
  id: Uint8Array,
  last: number,
  lastAt: number,
  forgotten: number,
  durability: string,
  isOpen: number,
  boot: string,
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
        .prepare('SELECT id, last, last_at, forgotten, durability, is_open, boot FROM log')
        .raw()
        .get([]) as LogRow | undefined
      if (row === undefined) throw Object.assign(new Error('the table log has no row'), { rawCode: 11 })
      const [id, last, lastAt, forgotten, before, isOpen, boot] = row
      const hasLostPower = before === 'process' && !isSameBoot(boot, bootId())
      // Numbers may have been given that were lost since: they are not to be taken for those that come.
      const mayHaveLost = isOpen !== 0 && (hasLostPower || !hadWal)
      this.id = mayHaveLost ? randomBytes(16) : Uint8Array.from(id)
      database
        .prepare('UPDATE log SET id = ?, durability = ?, is_open = 1, boot = ?')
        .run([this.id, durability, bootId()])
      const sums = database.prepare('SELECT coalesce(sum(events), 0), coalesce(sum(bytes), 0) FROM topics')
      const [events, bytes] = sums.raw().get([]) as [number, number]
      this.#state = { last, lastAt, forgotten, events, bytes }
    }
    this.#update = database.prepare('UPDATE log SET last = ?, last_at = ?, forgotten = ?')
    this.#written = { ...this.#state }
    // The file says from here on that it is open, and has a write-ahead log for as long: it was lost where there is none.
    database.exec('PRAGMA wal_checkpoint(TRUNCATE); UPDATE log SET is_open = 2')
  }

  /** Of the transaction that is open, if one is. */
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

  /** Nothing is lost from here on: everything was written, and the file is closed. */
  close(): void {
    this.#database.exec('UPDATE log SET is_open = 0')
  }
}
