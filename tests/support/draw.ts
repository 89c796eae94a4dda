/** The random choices of a seed. */
export class Draw {
  #state: number

  constructor(seed: number) {
    // Neighbouring seeds begin with very different states.
    this.#state = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) >>> 0
  }

  /** A number in [0, 1), by a Weyl sequence that is mixed (mulberry32). */
  number(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }

  /** An integer from `least` to `most`. */
  int(least: number, most: number): number {
    return least + Math.floor(this.number() * (most - least + 1))
  }

  chance(probability: number): boolean {
    return this.number() < probability
  }

  /** The list must not be empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)] as T
  }

  /** Picks a name by its weight. 0 means never, and at least one weight must be above 0. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const names = Object.keys(weights) as Name[]
    const sum = names.reduce((total, name) => total + weights[name], 0)
    let left = this.number() * sum
    for (const name of names) {
      left -= weights[name]
      if (left < 0) return name
    }
    return names.find((name) => weights[name] > 0) as Name
  }
}
