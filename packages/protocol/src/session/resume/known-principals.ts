/** The number of accepted credentials that are remembered between two hellos; the newest count. */
const takenMax = 8

/**
 * The principals as which the client of one session may come back: the result of its last hello, and those of
 * credentials accepted since. A client that does not know yet that new ones were accepted shows the old ones.
 */
export class KnownPrincipals {
  #ofHello: string | undefined
  #taken: string[] = []

  constructor(ofHello: string | undefined) {
    this.#ofHello = ofHello
  }

  has(principal: string | undefined): boolean {
    return principal === this.#ofHello || (principal !== undefined && this.#taken.includes(principal))
  }

  /** Adds the principal of accepted credentials. */
  add(principal: string): void {
    this.#taken = [...this.#taken.filter((taken) => taken !== principal), principal].slice(-takenMax)
  }

  /** Sets the principal of the hello of a client that came back. */
  shown(principal: string | undefined): void {
    if (principal === this.#ofHello) return
    const before = this.#ofHello
    this.#taken = this.#taken.filter((taken) => taken !== principal)
    this.#ofHello = principal
    if (before !== undefined) this.add(before)
  }
}
