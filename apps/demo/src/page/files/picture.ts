/// <reference lib="dom" />

/** Bytes that a file must have at an offset. */
type Mark = readonly [at: number, bytes: readonly number[]]

/**
 * The pictures that browsers show, by their first bytes. SVG is excluded, because it is a document that may contain
 * scripts.
 */
const kinds: readonly (readonly [type: string, ...marks: readonly Mark[]])[] = [
  ['image/png', [0, [0x89, 0x50, 0x4e, 0x47]]],
  ['image/jpeg', [0, [0xff, 0xd8, 0xff]]],
  ['image/gif', [0, [0x47, 0x49, 0x46, 0x38]]],
  // RIFF also contains sound and films. The length of the file is between the name of the container and the name of its
  // kind.
  ['image/webp', [0, [0x52, 0x49, 0x46, 0x46]], [8, [0x57, 0x45, 0x42, 0x50]]],
]

/** A larger picture can be saved, and is not shown. */
export const pictureBytesMax = 20 * 1024 * 1024

/** The type of a picture; undefined if it is not a picture. The name of the file is not trusted. */
export function pictureType(firstBytes: Uint8Array): string | undefined {
  const stands = ([at, bytes]: Mark) => bytes.every((byte, index) => firstBytes[at + index] === byte)
  return kinds.find(([, ...marks]) => marks.every(stands))?.[0]
}
