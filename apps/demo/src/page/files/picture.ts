/// <reference lib="dom" />

/** Bytes that have to stand at a place of a file. */
type Mark = readonly [at: number, bytes: readonly number[]]

/** What browsers show as pictures, by their first bytes. No SVG: it is a document, which may hold scripts. */
const kinds: readonly (readonly [type: string, ...marks: readonly Mark[]])[] = [
  ['image/png', [0, [0x89, 0x50, 0x4e, 0x47]]],
  ['image/jpeg', [0, [0xff, 0xd8, 0xff]]],
  ['image/gif', [0, [0x47, 0x49, 0x46, 0x38]]],
  // RIFF holds sound and films, too: the length of the file stands between its name and that of its kind.
  ['image/webp', [0, [0x52, 0x49, 0x46, 0x46]], [8, [0x57, 0x45, 0x42, 0x50]]],
]

/** A larger one is saved, and not shown. */
export const pictureBytesMax = 20 * 1024 * 1024

/** The type of a picture; undefined for what is none. A name says nothing: it is what somebody has written. */
export function pictureType(firstBytes: Uint8Array): string | undefined {
  const stands = ([at, bytes]: Mark) => bytes.every((byte, index) => firstBytes[at + index] === byte)
  return kinds.find(([, ...marks]) => marks.every(stands))?.[0]
}
