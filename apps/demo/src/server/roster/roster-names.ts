import { limits } from '../../limits.ts'
import { nameKey } from '../../text-rules.ts'

/** A name that is not free. `freeInMs` is present when its owner was lost, absent while it is in use. */
export interface NameTaken {
  readonly suggestion: string
  readonly freeInMs?: number
}

interface Claim {
  readonly owner: string
  /** Present once its owner was lost. */
  readonly heldUntilMs?: number
}

/**
 * The names of the chat and the identities of their owners. A person has one name. This class has no clock: each method
 * receives the time.
 */
export class RosterNames {
  readonly #claims = new Map<string, Claim>()

  ownerOf(name: string): string | undefined {
    return this.#claims.get(nameKey(name))?.owner
  }

  /** Returns why the name is not free for this owner, or undefined if it is free. */
  takenFrom(name: string, owner: string, atMs: number): NameTaken | undefined {
    const claim = this.#free(nameKey(name), atMs)
    if (claim === undefined || claim.owner === owner) return undefined
    const suggestion = this.#suggestion(name, atMs)
    return claim.heldUntilMs === undefined
      ? { suggestion }
      : { suggestion, freeInMs: claim.heldUntilMs - atMs }
  }

  claim(name: string, owner: string): void {
    this.#claims.set(nameKey(name), { owner })
  }

  release(name: string, owner: string): void {
    if (this.ownerOf(name) === owner) this.#claims.delete(nameKey(name))
  }

  /** Reserves the name for its owner for `heldMs`. */
  hold(
    name: string,
    owner: string,
    { atMs, heldMs }: { readonly atMs: number; readonly heldMs: number },
  ): void {
    this.#claims.set(nameKey(name), { owner, heldUntilMs: atMs + heldMs })
    // Reserved names that are never requested again would otherwise stay forever.
    if (this.#claims.size % 1_000 === 0) for (const key of [...this.#claims.keys()]) this.#free(key, atMs)
  }

  /** Returns the claim, unless the name has become free by this time. */
  #free(key: string, atMs: number): Claim | undefined {
    const claim = this.#claims.get(key)
    if (claim?.heldUntilMs === undefined || claim.heldUntilMs > atMs) return claim
    this.#claims.delete(key)
    return undefined
  }

  #suggestion(name: string, atMs: number): string {
    for (let number = 2; ; number += 1) {
      const tail = String(number)
      const suggestion = `${[...name].slice(0, limits.nameCharactersMax - tail.length).join('')}${tail}`
      if (this.#free(nameKey(suggestion), atMs) === undefined) return suggestion
    }
  }
}
