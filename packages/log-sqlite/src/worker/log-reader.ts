import type Database from 'libsql'
import { checksumOf, type StoredEvent } from '../event-format.ts'
import type { PackedEntries, PackedHistory, PackedQuery, PackedReading } from '../messages.ts'
import { packBytes } from '../pack.ts'
import { SqliteLogError } from '../sqlite-log-error.ts'
import type { LogState } from './log-state.ts'
import type { TopicRow } from './topics.ts'

/** The number of events that one reading examines, however many are requested. */
const readingEventsMax = 10_000

/** The position of an event, and the length of its body: not the body, which may be long. */
type Place = [number: number, bytes: number]

type Row = [
  number: number,
  at: number,
  encoding: number,
  event: Uint8Array,
  topic: Uint8Array,
  id: Uint8Array | null,
  checksum: number,
  body: Uint8Array,
]

/** Reads pages of events. A reading first determines how many events fit, and reads only their bodies. */
export class LogReader {
  readonly #placesAfter: Database.Statement<[unknown[]]>
  readonly #placesBefore: Database.Statement<[unknown[]]>
  readonly #events: Database.Statement<[unknown[]]>

  constructor(database: Database.Database) {
    const places = 'SELECT number, length(body) FROM events WHERE topic = ?'
    this.#placesAfter = database.prepare(`${places} AND number > ? ORDER BY number LIMIT ?`).raw()
    this.#placesBefore = database.prepare(`${places} AND number < ? ORDER BY number DESC LIMIT ?`).raw()
    // Texts are read as bytes: the checksum detects text of a damaged file that is not UTF-8.
    this.#events = database
      .prepare(
        `SELECT number, at, encoding, CAST(event_name AS BLOB), CAST(topic_text AS BLOB), CAST(id AS BLOB), checksum, body
         FROM events WHERE topic = ? AND number BETWEEN ? AND ? ORDER BY number`,
      )
      .raw()
  }

  after(query: PackedQuery, state: LogState, topic: TopicRow | undefined): PackedReading {
    const nothing = { entries: [], bytes: packBytes([]), end: state.last, isEnd: true, isMissing: false }
    const { number } = query
    if (query.isForeign || (number !== undefined && number > state.last))
      return { ...nothing, isMissing: true }
    if (number === undefined) return nothing
    const isMissing = number < (topic?.forgotten ?? state.forgotten)
    if (topic === undefined) return { ...nothing, isMissing }
    const places = this.#placesAfter.all([topic.id, number, limitOf(query)]) as Place[]
    const [first] = places
    if (first === undefined) return { ...nothing, isMissing }
    const fitting = fittingPlaces(places, query)
    const read = this.#read(topic.id, first[0], fitting.at(-1)?.[0] ?? first[0])
    const isEnd = read.isWhole && fitting.length === places.length
    const end = isEnd ? state.last : (read.entries.at(-1)?.number ?? number)
    return { entries: read.entries, bytes: read.bytes, end, isEnd, isMissing }
  }

  before(query: PackedQuery, topic: TopicRow | undefined): PackedHistory {
    if (topic === undefined) return { entries: [], bytes: packBytes([]), isStart: true }
    const from = query.number ?? Number.MAX_SAFE_INTEGER
    const places = this.#placesBefore.all([topic.id, from, limitOf(query)]) as Place[]
    const [newest] = places
    if (newest === undefined) return { entries: [], bytes: packBytes([]), isStart: true }
    const fitting = fittingPlaces(places, query)
    const { entries, bytes } = this.#read(topic.id, fitting.at(-1)?.[0] ?? newest[0], newest[0], true)
    return { entries, bytes, isStart: fitting.length === places.length }
  }

  /**
   * Events before a damaged one are returned; the reading that begins with the damaged one fails.
   *
   * @throws SqliteLogError `FILE_DAMAGED`
   */
  #read(topic: number, first: number, last: number, isWhole = false): PackedEntries & { isWhole: boolean } {
    const entries: PackedEntries['entries'][number][] = []
    const bodies: Uint8Array[] = []
    let offset = 0
    for (const row of this.#events.all([topic, first, last]) as Row[]) {
      const stored = storedEvent(row)
      if (checksumOf(stored) !== row[6]) {
        if (!isWhole && entries.length > 0) return { entries, bytes: packBytes(bodies), isWhole: false }
        throw new SqliteLogError('FILE_DAMAGED', `The checksum of event ${row[0]} is wrong`)
      }
      const { number, encoding, body } = stored
      entries.push({ number, encoding, offset, length: body.length })
      bodies.push(body)
      offset += body.length
    }
    return { entries, bytes: packBytes(bodies), isWhole: true }
  }
}

/** One more than requested, to find out whether there are more. */
function limitOf({ eventsMax }: PackedQuery): number {
  return Math.min(Math.max(eventsMax, 1), readingEventsMax) + 1
}

/** The places of the requested events: at least one. */
function fittingPlaces(places: readonly Place[], query: PackedQuery): readonly Place[] {
  let bytes = 0
  const count = places.findIndex(([, length], index) => {
    bytes += length
    return index >= limitOf(query) - 1 || (index > 0 && bytes > query.bytesMax)
  })
  return count === -1 ? places : places.slice(0, count)
}

function storedEvent([number, at, encoding, event, topic, id, , body]: Row): StoredEvent {
  return { number, at, encoding, event: textOf(event), topic: textOf(topic), id: id && textOf(id), body }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}
