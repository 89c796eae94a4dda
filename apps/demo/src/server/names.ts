import { limits } from '../limits.ts'
import { nameKey } from '../text-rules.ts'

/** A name that is not free. `freeInMs` is present when the owner's connection was lost, absent while it is in use. */
export interface NameTaken {
  readonly suggestion: string
  readonly freeInMs?: number
}

interface Claim {
  readonly owner: string
  /** Set when the owner's connection was lost. */
  heldUntilMs?: number
  /** The owner may still come back to its session, so that time alone does not free the name. */
  isAway: boolean
}

/**
 * The names of the whole server and their owners: the identities of people, which outlive their connections. It keeps no timers: a name
 * that was held long enough is free when somebody asks for it, and is forgotten at the next claim of any name.
 */
export class Names {
  readonly #claims = new Map<string, Claim>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Names in use or held. */
  get count(): number {
    this.#forgetFree()
    return this.#claims.size
  }

  /** Gives `name` to `owner`, also one that is held for it, or returns why not. The caller ensures that an owner has at most one name. */
  claim(name: string, owner: string): NameTaken | undefined {
    this.#forgetFree()
    const present = this.#claims.get(nameKey(name))
    if (present !== undefined && present.owner !== owner) {
      const suggestion = this.#suggest(name)
      return present.heldUntilMs === undefined
        ? { suggestion }
        : { suggestion, freeInMs: Math.max(0, present.heldUntilMs - this.#nowMs()) }
    }
    this.#claims.set(nameKey(name), { owner, isAway: false })
    return undefined
  }

  /** Frees the name at once, after a goodbye. */
  release(name: string, owner: string): void {
    const key = nameKey(name)
    if (this.#claims.get(key)?.owner === owner) this.#claims.delete(key)
  }

  /** The owner's connection is lost. The name is held until the owner comes back, or is lost. */
  away(name: string, owner: string): void {
    this.#hold(name, owner, true)
  }

  /** Holds the name for a while, after the owner was lost. */
  hold(name: string, owner: string): void {
    this.#hold(name, owner, false)
  }

  #hold(name: string, owner: string, isAway: boolean): void {
    const claim = this.#claims.get(nameKey(name))
    if (claim?.owner !== owner) return
    claim.heldUntilMs = this.#nowMs() + limits.nameHeldMs
    claim.isAway = isAway
  }

  #suggest(name: string): string {
    for (let number = 2; ; number += 1) {
      const tail = String(number)
      const suggestion = `${[...name].slice(0, limits.nameCharactersMax - tail.length).join('')}${tail}`
      if (!this.#claims.has(nameKey(suggestion))) return suggestion
    }
  }

  #forgetFree(): void {
    const nowMs = this.#nowMs()
    for (const [key, { heldUntilMs, isAway }] of this.#claims) {
      if (!isAway && heldUntilMs !== undefined && heldUntilMs <= nowMs) this.#claims.delete(key)
    }
  }
}
