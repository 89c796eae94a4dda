import { crc32 } from 'node:zlib'

/** Of a page of the file, in bytes. One size for all files, so that what is left of a damaged one can be read without its header. */
export const pageBytes = 4096

/** An event as it stands in the file. */
export interface StoredEvent {
  readonly number: number
  /** Milliseconds since 1970. Not before that of the event before. */
  readonly at: number
  readonly encoding: number
  readonly event: string
  readonly topic: string
  /** As `storedId` writes it. */
  readonly id: string | null
  readonly body: Uint8Array
}

export function checksumOf({ number, at, encoding, event, topic, id, body }: StoredEvent): number {
  const head = crc32(`${number}\n${at}\n${encoding}\n${event}\n${topic}\n${id ?? ''}`)
  // No bytes may have no address, for which zlib begins anew.
  return body.length === 0 ? head : crc32(body, head)
}

/** SQLite ends a text at its first NUL, and libsql writes half a character as another one: an id is written without both. */
export function storedId(id: string): string {
  return JSON.stringify(id).slice(1, -1)
}
