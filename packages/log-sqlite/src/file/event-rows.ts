import { checksumOf, type StoredEvent } from '../event-format.ts'
import { cellsOfLeaf } from './leaf-page.ts'
import {
  type ColumnKind,
  columnKind,
  type RecordHeader,
  type RecordValue,
  readRecordHeader,
  readRecordValues,
  readVarint,
} from './read-record.ts'

/** A row in a page: an intact event, or an event of which only a part is there. */
export type EventRow = { readonly event: StoredEvent } | { readonly event: undefined }

/** Returns the current version of a page, or undefined if there is none. */
export type PageReader = (page: number) => Buffer | undefined

/** Columns of `events`, after the number, which is that of the row. */
const columnKinds: readonly (readonly ColumnKind[])[] = [
  ['null'], // number
  ['integer'], // topic
  ['integer'], // cost
  ['integer'], // at
  ['integer'], // encoding
  ['text'], // event_name
  ['text'], // topic_text
  ['null', 'text'], // id
  ['integer'], // checksum
  ['blob'], // body
]

/** The rows of events in a page, if it is a leaf of a table: https://www.sqlite.org/fileformat.html#b_tree_pages */
export function* eventRows(page: Buffer, read: PageReader): Generator<EventRow> {
  for (const at of cellsOfLeaf(page, 0)) {
    const row = rowAt(page, at, read)
    if (row !== undefined) yield row
  }
}

/** @returns undefined for a row of another table, or if there is no row */
function rowAt(page: Buffer, at: number, read: PageReader): EventRow | undefined {
  try {
    const [length, afterLength] = readVarint(page, at)
    const [number, begin] = readVarint(page, afterLength)
    const local = localBytes(length, page.length)
    const first = page.subarray(begin, begin + local)
    const header = readRecordHeader(first)
    if (header.length !== length || !isEvent(header)) return undefined
    const payload =
      local === length ? first : withOverflow(first, length, page.readUInt32BE(begin + local), read)
    return { event: payload && wholeEvent(number, readRecordValues(payload, header)) }
  } catch (error) {
    // The value is not on the page, or is not a number.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function isEvent({ types }: RecordHeader): boolean {
  return (
    types.length === columnKinds.length &&
    types.every((type, index) => columnKinds[index]?.includes(columnKind(type)))
  )
}

/** @returns undefined if it has changed since it was written */
function wholeEvent(number: number, values: readonly RecordValue[]): StoredEvent | undefined {
  const text = (index: number) => Buffer.from(values[index] as Uint8Array).toString('utf8')
  const event: StoredEvent = {
    number,
    at: values[3] as number,
    encoding: values[4] as number,
    event: text(5),
    topic: text(6),
    id: values[7] === null ? null : text(7),
    body: values[9] as Uint8Array,
  }
  return checksumOf(event) === values[8] ? event : undefined
}

/** The number of bytes of a row in its leaf: the rest is in overflow pages. */
function localBytes(length: number, pageBytes: number): number {
  const most = pageBytes - 35
  if (length <= most) return length
  const least = Math.floor(((pageBytes - 12) * 32) / 255) - 23
  const rest = least + ((length - least) % (pageBytes - 4))
  return rest <= most ? rest : least
}

/** @returns undefined if the pages end before the row does */
function withOverflow(first: Buffer, length: number, overflow: number, read: PageReader): Buffer | undefined {
  const parts = [first]
  const seen = new Set<number>()
  let left = length - first.length
  for (let next = overflow; left > 0; ) {
    const page = next === 0 || seen.has(next) ? undefined : read(next)
    if (page === undefined) return undefined
    seen.add(next)
    const part = page.subarray(4, 4 + Math.min(left, page.length - 4))
    parts.push(part)
    left -= part.length
    next = page.readUInt32BE(0)
  }
  return Buffer.concat(parts)
}
