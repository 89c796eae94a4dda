/** A value of a record: https://www.sqlite.org/fileformat.html#record_format. Texts are represented by their bytes. */
export type RecordValue = null | number | Uint8Array

export type ColumnKind = 'null' | 'integer' | 'real' | 'text' | 'blob'

/** The header of a record: its columns, and the offset of the values. */
export interface RecordHeader {
  readonly types: readonly number[]
  readonly begin: number
  /** The length of the whole record. */
  readonly length: number
}

const integerBytes = [0, 1, 2, 3, 4, 6, 8] as const

/**
 * @param payload the record, or its beginning
 * @throws RangeError for bytes that are not a record
 */
export function readRecordHeader(payload: Buffer): RecordHeader {
  const [begin, first] = readVarint(payload, 0)
  if (begin > payload.length) throw new RangeError('The header of a record is longer than the record')
  const types: number[] = []
  for (let at = first; at < begin; ) {
    const [type, next] = readVarint(payload, at)
    types.push(type)
    at = next
  }
  return { types, begin, length: types.reduce((sum, type) => sum + valueBytes(type), begin) }
}

/** @throws RangeError for bytes that are not a record */
export function readRecordValues(payload: Buffer, { types, begin }: RecordHeader): RecordValue[] {
  let at = begin
  return types.map((type) => {
    const length = valueBytes(type)
    const value = readValue(payload, at, { type, length })
    at += length
    return value
  })
}

export function columnKind(type: number): ColumnKind {
  if (type >= 12) return type % 2 === 0 ? 'blob' : 'text'
  if (type === 0) return 'null'
  return type === 7 ? 'real' : 'integer'
}

/** @returns the number, and the offset of the next one. @throws RangeError */
export function readVarint(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0n
  for (let index = 0; index < 8; index++) {
    const byte = BigInt(bytes.readUInt8(at + index))
    value = (value << 7n) | (byte & 0x7fn)
    if (byte < 0x80n) return [safeNumber(value), at + index + 1]
  }
  return [safeNumber((value << 8n) | BigInt(bytes.readUInt8(at + 8))), at + 9]
}

function safeNumber(value: bigint): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new RangeError('A number in the file is out of range')
  }
  return Number(value)
}

function valueBytes(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2)
  if (type >= 10) throw new RangeError(`The column type ${type} does not exist`)
  return type >= 7 ? (type === 7 ? 8 : 0) : (integerBytes[type] ?? 0)
}

function readValue(
  payload: Buffer,
  at: number,
  { type, length }: { readonly type: number; readonly length: number },
): RecordValue {
  if (type >= 12) return payload.subarray(at, at + length)
  if (type === 0 || type === 7) return null
  if (type >= 8) return type - 8
  return length < 8 ? payload.readIntBE(at, length) : safeNumber(payload.readBigInt64BE(at))
}
