import { crc32 } from 'node:zlib'

/** The size of a page of the file, in bytes. All files use the same size, so that a damaged file can be read without its header. */
export const pageBytes = 4096

/** An event as it is stored in the file. */
export interface StoredEvent {
  readonly number: number
  /** Milliseconds since 1970. Never less than that of the previous event. */
  readonly at: number
  readonly encoding: number
  readonly event: string
  readonly topic: string
  /** The result of `storedId`. */
  readonly id: string | null
  readonly body: Uint8Array
}

export function checksumOf({ number, at, encoding, event, topic, id, body }: StoredEvent): number {
  const head = crc32(`${number}\n${at}\n${encoding}\n${event}\n${topic}\n${id ?? ''}`)
  // An empty array may have no address, and zlib then starts a new checksum.
  return body.length === 0 ? head : crc32(body, head)
}

/** Escapes an id, because SQLite ends a text at its first NUL, and libsql changes unpaired surrogates. */
export function storedId(id: string): string {
  return JSON.stringify(id).slice(1, -1)
}
