/**
 * Returns numbers in [0, 1) that depend only on `seed`: a 32-bit state to which a Weyl constant is added, mixed twice
 * (mulberry32). Good enough to cut streams, but not for secrets.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/**
 * Returns a separate sequence for each label: values drawn from one do not affect another. Its seed is a hash of both
 * arguments (FNV-1a, 32 bits).
 */
export function derivedRandom(seed: number, label: string): () => number {
  let hash = 0x811c9dc5
  for (const char of `${seed}/${label}`) {
    hash = Math.imul(hash ^ (char.codePointAt(0) as number), 0x01000193)
  }
  return seededRandom(hash)
}
