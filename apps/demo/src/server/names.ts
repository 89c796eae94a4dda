import { limits } from '../limits.ts'
import { nameKey } from '../text-rules.ts'

/** A name that is not free. `freeInMs` is present when the owner's connection was lost, absent while it is in use. */
export interface NameTaken {
  readonly suggestion: string
  readonly freeInMs?: number
}

interface Claim {
  readonly owner: object
  /** Set when the owner's connection was lost. */
  heldUntilMs: number | undefined
}

/**
 * The names of the whole server and their owners. It keeps no timers: a name that was held long enough is free when
 * somebody asks for it, and is forgotten at the next claim of any name.
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

  /** Gives `name` to `owner`, or returns why not. The caller ensures that an owner has at most one name. */
  claim(name: string, owner: object): NameTaken | undefined {
    this.#forgetFree()
    const present = this.#claims.get(nameKey(name))
    if (present !== undefined && present.owner !== owner) {
      const suggestion = this.#suggest(name)
      return present.heldUntilMs === undefined
        ? { suggestion }
        : { suggestion, freeInMs: present.heldUntilMs - this.#nowMs() }
    }
    this.#claims.set(nameKey(name), { owner, heldUntilMs: undefined })
    return undefined
  }

  /** Frees the name at once, after a goodbye. */
  release(name: string, owner: object): void {
    const key = nameKey(name)
    if (this.#claims.get(key)?.owner === owner) this.#claims.delete(key)
  }

  /** Holds the name for a while, after a lost connection. */
  hold(name: string, owner: object): void {
    const claim = this.#claims.get(nameKey(name))
    if (claim?.owner === owner) claim.heldUntilMs = this.#nowMs() + limits.nameHeldMs
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
    for (const [key, claim] of this.#claims) {
      if (claim.heldUntilMs !== undefined && claim.heldUntilMs <= nowMs) this.#claims.delete(key)
    }
  }
}
