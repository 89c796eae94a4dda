import { cellsOfLeaf } from './leaf-page.ts'
import { readRecordHeader, readRecordValues, readVarint } from './read-record.ts'

/** The facts on the first page of a SQLite file: https://www.sqlite.org/fileformat.html#the_database_header */
export interface FirstPage {
  readonly isSqlite: boolean
  readonly applicationId: number
  readonly formatVersion: number
  /** The SQL of its tables and indexes. Undefined if it is not on this page, or not text. */
  readonly schema: readonly string[] | undefined
}

const magic = 'SQLite format 3\0'
const headerBytes = 100

/** The column of `sqlite_schema` with the SQL, and the columns before it. */
const sqlColumn = 4

export function readFirstPage(page: Buffer): FirstPage {
  return {
    isSqlite: page.subarray(0, magic.length).toString('latin1') === magic,
    applicationId: page.readUInt32BE(68),
    formatVersion: page.readUInt32BE(60),
    schema: readSchema(page),
  }
}

function readSchema(page: Buffer): string[] | undefined {
  try {
    const texts: string[] = []
    for (const at of cellsOfLeaf(page, headerBytes)) {
      const [length, afterLength] = readVarint(page, at)
      const [, begin] = readVarint(page, afterLength)
      const payload = page.subarray(begin, begin + length)
      const values = readRecordValues(payload, readRecordHeader(payload))
      if (!values.every(isPlain)) return undefined
      const sql = values[sqlColumn]
      // An index that belongs to a constraint has no SQL.
      if (sql instanceof Uint8Array) texts.push(Buffer.from(sql).toString('latin1'))
    }
    return texts
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Whether the value is ASCII, like everything that this package writes there. */
function isPlain(value: unknown): boolean {
  return !(value instanceof Uint8Array) || value.every((byte) => byte > 0 && byte < 0x80)
}
