import type Database from 'libsql'

/** A topic with events, during a transaction. */
export interface TopicRow {
  readonly id: number
  events: number
  bytes: number
  /** The number of the newest deleted event of the topic. */
  forgotten: number
  isChanged: boolean
}

type Row = [id: number, events: number, bytes: number, forgotten: number]

/** The topics of a transaction: each is read once, and written once at its end. */
export class Topics {
  readonly #byName: Database.Statement<[unknown[]]>
  readonly #byId: Database.Statement<[unknown[]]>
  readonly #insert: Database.Statement<[unknown[]]>
  readonly #update: Database.Statement<[unknown[]]>
  readonly #delete: Database.Statement<[unknown[]]>
  readonly #read = new Map<number, TopicRow>()
  readonly #idsByName = new Map<string, number>()

  constructor(database: Database.Database) {
    // Without their names: libsql ends the process for text that is not UTF-8, which a damaged file may contain.
    const columns = 'id, events, bytes, forgotten'
    this.#byName = database.prepare(`SELECT ${columns} FROM topics WHERE event = ? AND topic = ?`).raw()
    this.#byId = database.prepare(`SELECT ${columns} FROM topics WHERE id = ?`).raw()
    this.#insert = database.prepare(
      'INSERT INTO topics (event, topic, events, bytes, forgotten) VALUES (?, ?, 0, 0, ?)',
    )
    this.#update = database.prepare('UPDATE topics SET events = ?, bytes = ?, forgotten = ? WHERE id = ?')
    this.#delete = database.prepare('DELETE FROM topics WHERE id = ?')
  }

  /** The topics of this transaction. */
  get changed(): Iterable<TopicRow> {
    return this.#read.values()
  }

  find(event: string, topic: string): TopicRow | undefined {
    const name = nameOf(event, topic)
    const id = this.#idsByName.get(name)
    if (id !== undefined) return this.#read.get(id)
    const found = this.#take(this.#byName.get([event, topic]))
    if (found !== undefined) this.#idsByName.set(name, found.id)
    return found
  }

  /** @param forgotten of the log: a topic whose events were all deleted may appear again */
  findOrAdd(event: string, topic: string, forgotten: number): TopicRow {
    const found = this.find(event, topic)
    if (found !== undefined) return found
    const id = Number(this.#insert.run([event, topic, forgotten]).lastInsertRowid)
    this.#idsByName.set(nameOf(event, topic), id)
    return this.#keep({ id, events: 0, bytes: 0, forgotten, isChanged: true })
  }

  get(id: number): TopicRow {
    const found = this.#read.get(id) ?? this.#take(this.#byId.get([id]))
    if (found !== undefined) return found
    throw Object.assign(new Error(`An event belongs to topic ${id}, which does not exist`), { rawCode: 11 })
  }

  /** Writes the changes. @returns the number of the newest event of a topic without remaining events, 0 if there is no such topic */
  write(): number {
    let forgotten = 0
    for (const topic of this.#read.values()) {
      if (!topic.isChanged) continue
      if (topic.events > 0) {
        this.#update.run([topic.events, topic.bytes, topic.forgotten, topic.id])
      } else {
        this.#delete.run([topic.id])
        forgotten = Math.max(forgotten, topic.forgotten)
      }
    }
    return forgotten
  }

  /** Called when the transaction is over, or was rolled back. */
  forget(): void {
    this.#read.clear()
    this.#idsByName.clear()
  }

  #take(row: unknown): TopicRow | undefined {
    if (row === undefined) return undefined
    const [id, events, bytes, forgotten] = row as Row
    return this.#read.get(id) ?? this.#keep({ id, events, bytes, forgotten, isChanged: false })
  }

  #keep(topic: TopicRow): TopicRow {
    this.#read.set(topic.id, topic)
    return topic
  }
}

/** The name of an event never contains a line break. */
function nameOf(event: string, topic: string): string {
  return `${event}\n${topic}`
}
