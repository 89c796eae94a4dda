const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const loneSurrogate = /\p{Surrogate}/u

/** False for text that UTF-8 cannot carry. */
export function isWellFormedText(text: string): boolean {
  return !loneSurrogate.test(text)
}

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Encodes into `target`, which has three bytes for each unit of `text`. @returns the number of bytes used */
export function encodeUtf8Into(text: string, target: Uint8Array): number {
  return encoder.encodeInto(text, target).written
}

/** Strict: throws TypeError on invalid UTF-8 and keeps a byte order mark as the character it is. */
export function decodeUtf8(bytes: Uint8Array): string {
  return strictDecoder.decode(bytes)
}

/** Returns `text` as UTF-8 sends it, with lone surrogates replaced, truncated to `bytesMax` between characters. */
export function fitText(text: string, bytesMax: number): string {
  const bytes = encoder.encode(text)
  if (bytes.length <= bytesMax) return isWellFormedText(text) ? text : decodeUtf8(bytes)
  let end = bytesMax
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return decodeUtf8(bytes.subarray(0, end))
}
