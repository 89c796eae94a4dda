import { readFileSync } from 'node:fs'

/** A file of vectors for testing other implementations. */
export function vectors<Vector>(file: 'golden.json' | 'hostile.json' | 'frames.json'): readonly Vector[] {
  const url = new URL(`../../../packages/protocol/vectors/${file}`, import.meta.url)
  return JSON.parse(readFileSync(url, 'utf8')) as Vector[]
}
