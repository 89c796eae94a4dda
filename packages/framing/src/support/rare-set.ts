/** A set that allocates memory only when it gets its first member, like a {@link RareMap}. */
export class RareSet<Member> implements Iterable<Member> {
  #set: Set<Member> | undefined

  /** The number of members. */
  get size(): number {
    return this.#set === undefined ? 0 : this.#set.size
  }

  /** Returns true if `member` is in the set. */
  has(member: Member): boolean {
    return this.#set?.has(member) === true
  }

  /** Adds `member`. */
  add(member: Member): this {
    this.#set ??= new Set()
    this.#set.add(member)
    return this
  }

  /** Removes `member`. Returns true if it was in the set. */
  delete(member: Member): boolean {
    return this.#set?.delete(member) === true
  }

  /** Removes all members and releases their memory. */
  clear(): void {
    this.#set = undefined
  }

  /** Iterates over the members, in the order in which they were added. */
  [Symbol.iterator](): Iterator<Member> {
    return (this.#set ?? [])[Symbol.iterator]()
  }
}
