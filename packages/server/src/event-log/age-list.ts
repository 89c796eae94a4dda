/** What a list by age holds. */
export interface AgeListMember<Item> {
  older: Item | undefined
  newer: Item | undefined
}

/** A list in the order of adding, from which anything can be taken in constant time. */
export class AgeList<Item extends AgeListMember<Item>> {
  #oldest: Item | undefined
  #newest: Item | undefined

  get oldest(): Item | undefined {
    return this.#oldest
  }

  add(item: Item): void {
    item.older = this.#newest
    item.newer = undefined
    if (this.#newest === undefined) this.#oldest = item
    else this.#newest.newer = item
    this.#newest = item
  }

  remove(item: Item): void {
    if (item.older === undefined) this.#oldest = item.newer
    else item.older.newer = item.newer
    if (item.newer === undefined) this.#newest = item.older
    else item.newer.older = item.older
    item.older = undefined
    item.newer = undefined
  }
}
