/** So many credentials are taken between two hellos. Of more those count that were taken last. */
const takenMax = 8

/**
 * As whom the client of one session may come back: by what its last hello gave, and by credentials that were taken since. A client that has
 * not heard that new ones were taken shows those of before.
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

  /** By credentials that were taken. */
  add(principal: string): void {
    this.#taken = [...this.#taken.filter((taken) => taken !== principal), principal].slice(-takenMax)
  }

  /** By a hello of a client that came back. */
  shown(principal: string | undefined): void {
    if (principal === this.#ofHello) return
    const before = this.#ofHello
    this.#taken = this.#taken.filter((taken) => taken !== principal)
    this.#ofHello = principal
    if (before !== undefined) this.add(before)
  }
}
