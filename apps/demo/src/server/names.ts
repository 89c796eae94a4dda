import { limits } from '../limits.ts'
import { nameKey } from '../text-rules.ts'

/** Why a name cannot be had now. `freeInMs` when it waits for its lost owner, absent while somebody has it. */
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
 * Who has which name, in the whole server. It keeps no timers: a name that was held long enough is free when
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

  /** Gives `name` to `owner`, or says why not. An owner has one name at most; this is the caller's care. */
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

  /** Frees the name at once: its owner said goodbye. */
  release(name: string, owner: object): void {
    const key = nameKey(name)
    if (this.#claims.get(key)?.owner === owner) this.#claims.delete(key)
  }

  /** Holds the name for a while: its owner's connection was lost. */
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
