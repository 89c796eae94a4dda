import type Database from 'libsql'
import { checksumOf, type StoredEvent, storedId } from '../event-format.ts'
import type { AppendedPlace, PackedEvent, PackedHistory, PackedQuery, PackedReading } from '../messages.ts'
import type { CheckedOptions } from '../options.ts'
import { LogReader } from './log-reader.ts'
import { StoredState } from './log-state.ts'
import { type OpenedDatabase, openDatabase, run, setDurability } from './open-database.ts'
import { Retention } from './retention.ts'
import { failureOf } from './sqlite-failure.ts'
import { type TopicRow, Topics } from './topics.ts'

/** The number of events that one step deletes in addition to as many as it adds: this takes a few milliseconds. */
const trimEventsMax = 256
/** The number of free pages in the file above which it is made smaller: 4 MiB are kept for new events. */
const freePagesMax = 1024
/** The number of pages that one step returns to the system. */
const vacuumPagesMax = 256

/** Events that are appended together, from one message. */
export interface EventBatch {
  readonly events: readonly PackedEvent[]
  readonly bytes: Uint8Array
}

/** The log, in the thread that drives its file. Everything here is synchronous. */
export class LogStore {
  readonly #file: OpenedDatabase
  readonly #database: Database.Database
  readonly #state: StoredState
  readonly #topics: Topics
  readonly #retention: Retention
  readonly #reader: LogReader
  readonly #insert: Database.Statement<[unknown[]]>
  readonly #repeated: Database.Statement<[unknown[]]>
  /**
   * The error of the system, once it has failed to write. The content of the disk is unknown then:
   * https://www.sqlite.org/atomiccommit.html
   */
  #failure: unknown
  /** Whether there may be events over the limits. At first there may be, because limits may be lower than before. */
  #hasMore = true
  #isShrinking = false

  /** @throws SqliteLogError */
  constructor({ path, durability, limits }: CheckedOptions) {
    this.#file = openDatabase(path)
    try {
      const { database } = this.#file
      this.#database = database
      this.#state = new StoredState(this.#file, durability)
      setDurability(database, durability)
      this.#topics = new Topics(database)
      this.#retention = new Retention(database, this.#topics, limits)
      this.#reader = new LogReader(database)
      this.#insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
      this.#repeated = database.prepare('SELECT number FROM events WHERE topic = ? AND id = ?').raw()
    } catch (error) {
      this.#file.close()
      throw failureOf(error, path)
    }
  }

  get id(): Uint8Array {
    return this.#state.id
  }

  get last(): number {
    return this.#state.now.last
  }

  /**
   * Keeps the events of all batches, or none of them.
   *
   * @returns their places, by batch, once they have the requested durability
   * @throws SqliteLogError
   */
  append(batches: readonly EventBatch[]): AppendedPlace[][] {
    return this.#transaction(() => {
      // Keeps events in the order of their ages, even if a clock was set back.
      const at = Math.max(Date.now(), this.#state.now.lastAt)
      this.#state.now.lastAt = at
      const places = batches.map(({ events, bytes }) =>
        events.map((event) =>
          this.#add(event, bytes.subarray(event.offset, event.offset + event.length), at),
        ),
      )
      const added = places.reduce((sum, batch) => sum + batch.length, 0)
      this.#hasMore = this.#retention.trim(this.#state.now, added + trimEventsMax, at)
      return places
    })
  }

  /** Stores events of another file under their original numbers, which are higher than those of earlier events. Ignores the limits. */
  appendRecovered(events: readonly (StoredEvent & { readonly cost: number })[]): void {
    this.#transaction(() => {
      for (const { number, at, encoding, event, topic: text, id, checksum, body, cost } of events.map(
        withChecksum,
      )) {
        const topic = this.#topics.findOrAdd(event, text, 0)
        if (id !== null && this.#repeated.get([topic.id, id]) !== undefined) continue
        this.#insert.run([number, topic.id, cost, at, encoding, event, text, id, checksum, body])
        this.#count(topic, cost)
        this.#state.now.last = number
        this.#state.now.lastAt = Math.max(this.#state.now.lastAt, at)
      }
    })
  }

  /** Deletes some events over the limits, or makes the file smaller. @returns true if there is more to do */
  tidy(): boolean {
    if (this.#failure !== undefined) return false
    const nowMs = Math.max(Date.now(), this.#state.now.lastAt)
    if (this.#hasMore || this.#retention.isOver(this.#state.now, nowMs)) {
      this.#transaction(() => {
        this.#hasMore = this.#retention.trim(this.#state.now, trimEventsMax, nowMs)
      })
      return true
    }
    return this.#shrink()
  }

  /** Returns some free pages to the system. @returns true if there are more */
  #shrink(): boolean {
    const free = run(this.#database, 'freelist_count') as number
    const pages = run(this.#database, 'page_count') as number
    const isMore = free > freePagesMax && free > pages / 4
    if (isMore) this.#database.exec(`PRAGMA incremental_vacuum(${vacuumPagesMax})`)
    // The file itself becomes shorter when the write-ahead log is copied into it.
    else if (this.#isShrinking) this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)')
    this.#isShrinking = isMore
    return isMore
  }

  /** @throws SqliteLogError */
  after(query: PackedQuery): PackedReading {
    return this.#read(() => this.#reader.after(query, this.#state.now, this.#topicOf(query)))
  }

  /** @throws SqliteLogError */
  before(query: PackedQuery): PackedHistory {
    return this.#read(() => this.#reader.before(query, this.#topicOf(query)))
  }

  /** @throws SqliteLogError; the file is closed in any case */
  close(): void {
    try {
      if (this.#failure === undefined) this.#state.close()
    } catch (error) {
      throw failureOf(error)
    } finally {
      this.#file.close()
    }
  }

  #topicOf({ event, topic }: PackedQuery): ReturnType<Topics['find']> {
    const found = this.#topics.find(event, topic)
    this.#topics.forget()
    return found
  }

  #add({ event, topic: text, id, encoding, cost }: PackedEvent, body: Uint8Array, at: number): AppendedPlace {
    const state = this.#state.now
    const topic = this.#topics.findOrAdd(event, text, state.forgotten)
    const stored = id === undefined ? null : storedId(id)
    if (stored !== null) {
      const row = this.#repeated.get([topic.id, stored]) as [number] | undefined
      if (row !== undefined) return { number: row[0], isRepeat: true }
    }
    state.last += 1
    const number = state.last
    const checksum = checksumOf({ number, at, encoding, event, topic: text, id: stored, body })
    this.#insert.run([number, topic.id, cost, at, encoding, event, text, stored, checksum, body])
    this.#count(topic, cost)
    return { number, isRepeat: false }
  }

  #count(topic: TopicRow, cost: number): void {
    topic.events += 1
    topic.bytes += cost
    topic.isChanged = true
    this.#state.now.events += 1
    this.#state.now.bytes += cost
  }

  #transaction<Result>(work: () => Result): Result {
    if (this.#failure !== undefined) throw this.#failure
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      const result = work()
      const state = this.#state.now
      state.forgotten = Math.max(state.forgotten, this.#topics.write())
      this.#state.write()
      this.#database.exec('COMMIT')
      this.#state.committed()
      return result
    } catch (error) {
      throw this.#takeBack(failureOf(error))
    } finally {
      this.#topics.forget()
    }
  }

  #takeBack(failure: ReturnType<typeof failureOf>): unknown {
    this.#state.takenBack()
    try {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
    } catch {
      this.#failure = failure
    }
    if (failure.code === 'IO_FAILED') this.#failure = failure
    return failure
  }

  #read<Result>(read: () => Result): Result {
    try {
      return read()
    } catch (error) {
      throw failureOf(error)
    }
  }
}

function withChecksum<Event extends StoredEvent>(event: Event): Event & { readonly checksum: number } {
  return { ...event, checksum: checksumOf(event) }
}
