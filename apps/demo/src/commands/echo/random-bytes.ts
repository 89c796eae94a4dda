/** A small generator of pseudo-random numbers (mulberry32): the same seed gives the same run. */
export class Randomness {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** A number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * limit)
  }

  /** A number from 0 to 1, not including 1. */
  fraction(): number {
    return this.uint32() / 2 ** 32
  }

  bytes(length: number): Uint8Array {
    const words = new Uint32Array(Math.ceil(length / 4))
    for (let at = 0; at < words.length; at += 1) words[at] = this.uint32()
    return new Uint8Array(words.buffer, 0, length)
  }
}
