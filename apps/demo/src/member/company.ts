import type { Presence } from '../chat-contract.ts'

export interface Person {
  readonly name: string
  readonly isAway: boolean
}

/** The members of one room, and whether they are away. */
export class Company {
  #members = new Map<string, boolean>()

  /** Sorted, including members who are away. */
  get names(): readonly string[] {
    return [...this.#members.keys()].sort((one, other) => one.localeCompare(other, 'en'))
  }

  get people(): readonly Person[] {
    return this.names.map((name) => ({ name, isAway: this.#members.get(name) === true }))
  }

  get here(): number {
    return this.#members.size - this.away
  }

  get away(): number {
    return [...this.#members.values()].filter((isAway) => isAway).length
  }

  is(members: readonly string[], away: readonly string[]): void {
    this.#members = new Map(members.map((name) => [name, away.includes(name)]))
  }

  changed({ name, change }: Presence): void {
    if (change === 'left' || change === 'quit' || change === 'lost') this.#members.delete(name)
    else this.#members.set(name, change === 'away')
  }

  /** `alice, bob (away), carol`. */
  toString(): string {
    return this.names.map((name) => (this.#members.get(name) ? `${name} (away)` : name)).join(', ')
  }

  get size(): number {
    return this.#members.size
  }
}
