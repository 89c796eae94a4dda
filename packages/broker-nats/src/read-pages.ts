import type { HistoryQuery, HistoryReading, LogEntry, LogQuery, LogReading } from '@frameport/server'
import { constants } from './limits.ts'
import type { LogStream } from './log-stream.ts'
import { NatsBrokerError } from './nats-broker-error.ts'
import { decodeRecord, recordBytes } from './record.ts'
import { topicKey } from './subjects.ts'
import { type ReadFrom, type TopicMessage, TopicReader } from './topic-reader.ts'

type PageQuery = Pick<LogQuery, 'event' | 'topic' | 'eventsMax' | 'bytesMax'>

/**
 * Reads a page after a position.
 *
 * @param known the last number of the stream that was known before this call
 */
export async function pageAfter(
  from: ReadFrom,
  stream: LogStream,
  query: LogQuery & { readonly position: { readonly number: number } },
  known: number,
  attempt = 1,
): Promise<LogReading> {
  const { number } = query.position
  const reader = await TopicReader.open(from, number + 1)
  try {
    const page = pageLimits(query)
    const stored =
      reader.pending === 0 ? [] : await reader.fetch(Math.min(page.events, reader.pending), page.fetchBytes)
    if (reader.pending > 0 && stored.length === 0) {
      checkAttempt(attempt)
      return await pageAfter(from, stream, query, known, attempt + 1)
    }
    // After the reading, because events that were deleted in between count as missing, too.
    const { state } = await from.link.whileConnected(from.manager.streams.info(from.stream))
    // The log lost its end: after a loss of power, or because it was restored from a backup.
    if (state.last_seq < number) {
      return { entries: [], position: { log: stream.id, number: state.last_seq }, isEnd: true, missed: 0 }
    }
    const isForgotten =
      state.first_seq > number + 1 || (await hasLostToLimit(from, stream, number, reader.pending))
    const missed = isForgotten ? { missed: 0 } : {}
    const { entries, taken } = entriesUpTo(query, stream.id, stored, page.bytes)
    const last = stored[taken - 1]
    const isPassed = reader.pending === 0 && known > number && known <= state.last_seq
    const end = last?.number ?? (isPassed ? known : number)
    const isEnd = last === undefined ? reader.pending === 0 : taken === stored.length && last.pending === 0
    return { entries, position: { log: stream.id, number: end }, isEnd, ...missed }
  } finally {
    reader.close()
  }
}

/**
 * Whether a topic may have lost events after a number to its limit. That is so if all its events are after the number,
 * and there are as many as the limit allows.
 */
async function hasLostToLimit(
  from: ReadFrom,
  { topicEventsMax, earlier }: LogStream,
  number: number,
  pending: number,
): Promise<boolean> {
  if (pending >= topicEventsMax) return true
  if (earlier === undefined || number >= earlier.until || pending < earlier.limit) return false
  return pending - (await TopicReader.count(from, earlier.until + 1)) >= earlier.limit
}

/** Reads a page before a number, or the newest page. */
export async function pageBefore(
  from: ReadFrom,
  stream: LogStream,
  query: HistoryQuery,
  before: number | undefined,
  attempt = 1,
): Promise<HistoryReading> {
  const behind = before === undefined ? 0 : await TopicReader.count(from, before)
  const all = await TopicReader.count(from, 1)
  const there = all - behind
  if (there <= 0 || before === 0) return { entries: [], isStart: true }
  const page = pageLimits(query)
  const first = there <= page.events * 2 ? 1 : await pageStart(from, page.events, { behind, there, before })
  const reader = await TopicReader.open(from, first)
  try {
    const window = new NewestEntries(page.events, page.bytes)
    // Events that were appended since the reader began are left for the next page. Otherwise reading might never end.
    let left = reader.pending
    reading: while (left > 0) {
      const stored = await reader.fetch(Math.min(left, page.events), page.fetchBytes)
      if (stored.length === 0) {
        checkAttempt(attempt)
        return await pageBefore(from, stream, query, before, attempt + 1)
      }
      for (const message of stored) {
        if (before !== undefined && message.number >= before) break reading
        const entry = entryOf(query, stream.id, message)
        if (entry !== undefined) window.add(entry)
      }
      left -= stored.length
    }
    return { entries: window.entries, isStart: first === 1 && !window.hasDropped }
  } finally {
    reader.close()
  }
}

/** Called when counted messages did not arrive: they were deleted in between, or the server is slow. */
function checkAttempt(attempt: number): void {
  if (attempt < constants.pageAttemptsMax) return
  throw new NatsBrokerError('BROKER_SILENT', 'It counted messages and did not send them.')
}

/**
 * Finds a number from which on the topic has a page before the end, and not much more. It interpolates, because most
 * topics are spread evenly, and halves the range otherwise.
 */
async function pageStart(
  from: ReadFrom,
  wanted: number,
  { behind, there, before }: { behind: number; there: number; before: number | undefined },
): Promise<number> {
  const { state } = await from.link.whileConnected(from.manager.streams.info(from.stream))
  // From `low` on there are too many events or exactly enough, from `high` on too few.
  let low = Math.max(1, state.first_seq)
  let lowCount = there
  let high = Math.min(before ?? Number.POSITIVE_INFINITY, state.last_seq + 1)
  let highCount = 0
  for (let step = 0; step < constants.searchStepsMax; step += 1) {
    if (lowCount <= wanted * 2 || high - low <= wanted) break
    const share = (wanted * 1.5 - highCount) / Math.max(1, lowCount - highCount)
    const width = high - low
    // Every other step halves the range, because interpolation alone is slow if events come in bursts.
    const offset = step % 2 === 0 ? Math.ceil(width * share) : Math.floor(width / 2)
    const guess = high - Math.min(width - 1, Math.max(1, offset))
    const count = (await TopicReader.count(from, guess)) - behind
    if (count >= wanted) {
      low = guess
      lowCount = count
    } else {
      high = guess
      highCount = count
    }
  }
  return low
}

/** The limits of a page and of one request: JetStream counts subjects, headers and records with the bodies. */
function pageLimits(query: PageQuery): { events: number; bytes: number; fetchBytes: number } {
  const events = Math.max(1, Math.min(query.eventsMax, constants.pageEventsMax))
  const bytes = Math.max(0, query.bytesMax)
  const overhead = recordBytes(query, 0) + constants.messageOverheadBytes
  return { events, bytes, fetchBytes: Math.min(bytes + events * overhead, Number.MAX_SAFE_INTEGER) }
}

/** @returns the entries, and the number of messages that they were taken from */
function entriesUpTo(
  query: PageQuery,
  log: Uint8Array,
  stored: readonly TopicMessage[],
  bytesMax: number,
): { entries: LogEntry[]; taken: number } {
  const entries: LogEntry[] = []
  let bytes = 0
  let taken = 0
  for (const message of stored) {
    const entry = entryOf(query, log, message)
    if (entry !== undefined) {
      bytes += entry.body.bytes.length
      if (entries.length > 0 && bytes > bytesMax) break
      entries.push(entry)
    }
    taken += 1
  }
  return { entries, taken }
}

/** Undefined for a message that is not an event of the topic: another topic with the same hash, or a publication of another program. */
export function entryOf(
  topic: Pick<LogQuery, 'event' | 'topic'>,
  log: Uint8Array,
  { number, data }: Pick<TopicMessage, 'number' | 'data'>,
): LogEntry | undefined {
  const record = decodeRecord(data)
  if (record?.body === undefined || topicKey(record) !== topicKey(topic)) return undefined
  return { position: { log, number }, body: record.body }
}

/** Keeps the newest of the added entries, within the limits of a page. */
class NewestEntries {
  readonly entries: LogEntry[] = []
  hasDropped = false
  readonly #eventsMax: number
  readonly #bytesMax: number
  #bytes = 0

  constructor(eventsMax: number, bytesMax: number) {
    this.#eventsMax = eventsMax
    this.#bytesMax = bytesMax
  }

  add(entry: LogEntry): void {
    this.entries.push(entry)
    this.#bytes += entry.body.bytes.length
    while (
      this.entries.length > this.#eventsMax ||
      (this.entries.length > 1 && this.#bytes > this.#bytesMax)
    ) {
      this.#bytes -= this.entries.shift()?.body.bytes.length ?? 0
      this.hasDropped = true
    }
  }
}
