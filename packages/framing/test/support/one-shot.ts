/** The result of an independent parser for a whole stream, which calculates indexes over all bytes at once. */
export interface Parsed {
  readonly payloads: readonly Uint8Array[]
  /** Why it stopped before the end, if it did. */
  readonly stopped?: 'FRAME_TOO_LONG' | 'CORRUPT_LENGTH'
  /** Bytes of a partial frame at the end. */
  readonly rest: number
}

type LengthReader = (header: DataView) => number | undefined

export const lengthReaders: Readonly<Record<'uint32be' | 'uint32le' | 'ascii4', LengthReader>> = {
  uint32be: (header) => header.getUint32(0),
  uint32le: (header) => header.getUint32(0, true),
  ascii4: (header) => {
    const text = String.fromCharCode(...[0, 1, 2, 3].map((at) => header.getUint8(at)))
    return /^[0-9]{4}$/.test(text) ? Number(text) : undefined
  },
}

export function parseWhole(bytes: Uint8Array, format: keyof typeof lengthReaders, limit: number): Parsed {
  const payloads: Uint8Array[] = []
  let at = 0
  while (bytes.length - at >= 4) {
    const length = lengthReaders[format](new DataView(bytes.buffer, bytes.byteOffset + at, 4))
    if (length === undefined) return { payloads, stopped: 'CORRUPT_LENGTH', rest: 0 }
    if (length > limit) return { payloads, stopped: 'FRAME_TOO_LONG', rest: 0 }
    if (bytes.length - at - 4 < length) break
    payloads.push(bytes.slice(at + 4, at + 4 + length))
    at += 4 + length
  }
  return { payloads, rest: bytes.length - at }
}
