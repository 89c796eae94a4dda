/** As a `RareMap`: a set that takes memory for its members only once there was one. */
export class RareSet<Member> implements Iterable<Member> {
  #set: Set<Member> | undefined

  get size(): number {
    return this.#set === undefined ? 0 : this.#set.size
  }

  has(member: Member): boolean {
    return this.#set?.has(member) === true
  }

  add(member: Member): this {
    this.#set ??= new Set()
    this.#set.add(member)
    return this
  }

  delete(member: Member): boolean {
    return this.#set?.delete(member) === true
  }

  clear(): void {
    this.#set = undefined
  }

  [Symbol.iterator](): Iterator<Member> {
    return (this.#set ?? [])[Symbol.iterator]()
  }
}
