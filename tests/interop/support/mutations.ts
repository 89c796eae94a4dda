/** Returns integers from 0 to below `below`, the same for the same seed (mulberry32). */
export type Draw = (below: number) => number

export function drawsOf(seed: number): Draw {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const telling = [0, 1, 2, 0x0a, 0x1f, 0x20, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xed, 0xf4, 0xff]
const randomBytesMost = 60
const changesMost = 4

/** Random bytes: sometimes completely random, but most often one of `seeds` with up to four changes. */
export function mutated(seeds: readonly Uint8Array[], kinds: readonly number[], draw: Draw): Uint8Array {
  const way = draw(16)
  if (way === 0) return randomBytes(draw)
  // After a known kind, a decoder continues to read.
  if (way === 1) return Uint8Array.of(kinds[draw(kinds.length)] ?? 0, ...randomBytes(draw))
  const bytes = [...(seeds[draw(seeds.length)] ?? [])]
  for (let change = draw(changesMost) + 1; change > 0; change--) changeOnce(bytes, seeds, draw)
  return Uint8Array.from(bytes)
}

function changeOnce(bytes: number[], seeds: readonly Uint8Array[], draw: Draw): void {
  const at = draw(bytes.length + 1)
  const way = draw(8)
  if (way === 0 && at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << draw(8))
  else if (way === 1 && at < bytes.length) bytes[at] = draw(256)
  else if (way === 2 && at < bytes.length) bytes[at] = telling[draw(telling.length)] ?? 0
  else if (way === 3 && at < bytes.length) bytes[at] = ((bytes[at] ?? 0) + draw(3) - 1) & 0xff
  else if (way === 4) bytes.splice(at, 0, ...Array.from({ length: 1 + draw(4) }, () => draw(256)))
  else if (way === 5) bytes.splice(at, 1 + draw(4))
  else if (way === 6) bytes.splice(at)
  else {
    const other = seeds[draw(seeds.length)] ?? new Uint8Array(0)
    bytes.splice(at, bytes.length, ...other.subarray(draw(other.length + 1)))
  }
}

function randomBytes(draw: Draw): Uint8Array {
  return Uint8Array.from({ length: draw(randomBytesMost) }, () => draw(256))
}
