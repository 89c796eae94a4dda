import type Database from 'libsql'
import type { SqliteLogLimits } from '../limits.ts'
import type { LogState } from './log-state.ts'
import type { TopicRow, Topics } from './topics.ts'

type Row = [number: number, topic: number, cost: number, at: number]

/** Deletes events over the limits, oldest first, a bounded number at a time. */
export class Retention {
  readonly #limits: SqliteLogLimits
  readonly #topics: Topics
  readonly #oldest: Database.Statement<[unknown[]]>
  readonly #oldestOfTopic: Database.Statement<[unknown[]]>
  readonly #delete: Database.Statement<[unknown[]]>
  readonly #deleteOfTopic: Database.Statement<[unknown[]]>
  readonly #fullTopic: Database.Statement<[unknown[]]>
  /**
   * Whether a topic outside of the transaction may be over its limit, because the limit was higher before, or a step
   * was too short.
   */
  #hasFullTopics = true

  constructor(database: Database.Database, topics: Topics, limits: SqliteLogLimits) {
    this.#limits = limits
    this.#topics = topics
    const columns = 'number, topic, cost, at'
    this.#oldest = database.prepare(`SELECT ${columns} FROM events ORDER BY number LIMIT ?`).raw()
    this.#oldestOfTopic = database
      .prepare(`SELECT ${columns} FROM events WHERE topic = ? ORDER BY number LIMIT ?`)
      .raw()
    this.#delete = database.prepare('DELETE FROM events WHERE number <= ?')
    this.#deleteOfTopic = database.prepare('DELETE FROM events WHERE topic = ? AND number <= ?')
    this.#fullTopic = database.prepare('SELECT id FROM topics WHERE events > ? LIMIT 1').raw()
  }

  /** In a transaction: deletes the events of its topics over the limit, and the oldest ones of all. @returns true if more are to be deleted */
  trim(state: LogState, eventsMax: number, nowMs: number): boolean {
    this.#findFullTopic()
    let left = eventsMax
    for (const topic of [...this.#topics.changed]) left -= this.#trimTopic(state, topic, left)
    return this.#trimOldest(state, left, nowMs) || this.#hasFullTopics
  }

  /** Whether an event must be deleted although no new event has displaced it, because it has become too old. */
  isOver(state: LogState, nowMs: number): boolean {
    if (state.events === 0) return false
    if (this.#isOver(state, nowMs, nowMs)) return true
    if (this.#limits.ageMsMax === undefined) return false
    const [oldest] = this.#oldest.all([1]) as Row[]
    return oldest !== undefined && this.#isOver(state, oldest[3], nowMs)
  }

  /**
   * Adds a topic over its limit to the transaction. The search ends when none is left, because new events go to topics
   * of the transaction.
   */
  #findFullTopic(): void {
    if (!this.#hasFullTopics) return
    const row = this.#fullTopic.get([this.#limits.topicEventsMax]) as [number] | undefined
    if (row === undefined) this.#hasFullTopics = false
    else this.#topics.get(row[0])
  }

  #trimTopic(state: LogState, topic: TopicRow, eventsMax: number): number {
    const over = topic.events - this.#limits.topicEventsMax
    if (over <= 0) return 0
    if (over > eventsMax) this.#hasFullTopics = true
    if (eventsMax <= 0) return 0
    const rows = this.#oldestOfTopic.all([topic.id, Math.min(over, eventsMax)]) as Row[]
    this.#deleteOfTopic.run([topic.id, rows.at(-1)?.[0]])
    for (const row of rows) this.#forget(state, row)
    return rows.length
  }

  #trimOldest(state: LogState, eventsMax: number, nowMs: number): boolean {
    const rows = this.isOver(state, nowMs) ? (this.#oldest.all([eventsMax]) as Row[]) : []
    let upTo: number | undefined
    for (const row of rows) {
      if (!this.#isOver(state, row[3], nowMs)) break
      this.#forget(state, row)
      upTo = row[0]
    }
    if (upTo !== undefined) this.#delete.run([upTo])
    return this.isOver(state, nowMs)
  }

  #isOver(state: LogState, at: number, nowMs: number): boolean {
    const { eventsMax, bytesMax, ageMsMax } = this.#limits
    return (
      state.events > eventsMax || state.bytes > bytesMax || (ageMsMax !== undefined && at < nowMs - ageMsMax)
    )
  }

  #forget(state: LogState, [number, topicId, cost]: Row): void {
    const topic = this.#topics.get(topicId)
    topic.events -= 1
    topic.bytes -= cost
    topic.forgotten = Math.max(topic.forgotten, number)
    topic.isChanged = true
    state.events -= 1
    state.bytes -= cost
  }
}
