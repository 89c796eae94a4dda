/** Bytes from hexadecimal digits. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** A frame made without the encoder, so that tests of the encoder do not depend on it. */
export function frameOf(payload: Uint8Array, order: 'big' | 'little' = 'big'): Uint8Array {
  const header = new Uint8Array(4)
  new DataView(header.buffer).setUint32(0, payload.length, order === 'little')
  return concat(header, payload)
}

/** Bytes that show their position, so that a shifted or repeated piece is noticed. */
export function patterned(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + seed * 7 + (at >> 8)) & 0xff)
}
