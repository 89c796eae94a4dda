/** An item of a {@link Heap}. */
export interface HeapItem {
  /** Its index in the heap, which the heap maintains; below 0 while it is in none. */
  heapIndex: number
}

/** The index of an item that is in no heap. */
export const notInHeap = -1

/**
 * A binary heap whose items know their indexes, so that any item can be removed: adding, taking the first and
 * removing one of n items cost about log2(n) comparisons each. `isBefore` is a strict order, and its result must not
 * change while an item is in the heap.
 */
export class Heap<Item extends HeapItem> {
  readonly #isBefore: (a: Item, b: Item) => boolean
  readonly #items: Item[] = []

  constructor(isBefore: (a: Item, b: Item) => boolean) {
    this.#isBefore = isBefore
  }

  get size(): number {
    return this.#items.length
  }

  /** The first item in the order. */
  get first(): Item | undefined {
    return this.#items[0]
  }

  /** All items, in an unspecified order. */
  toArray(): Item[] {
    return [...this.#items]
  }

  /** Only for an item that is in no heap. */
  add(item: Item): void {
    this.#items.push(item)
    this.#rise(item, this.#items.length - 1)
  }

  /** Does nothing for an item that was removed already. */
  remove(item: Item): void {
    const index = item.heapIndex
    if (index < 0) return
    item.heapIndex = notInHeap
    const last = this.#items.pop() as Item
    if (last === item) return
    // The last item takes the free place and moves to its position, up or down.
    this.#rise(last, index)
    this.#sink(last)
  }

  #rise(item: Item, from: number): void {
    let index = from
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = this.#items[parentIndex] as Item
      if (!this.#isBefore(item, parent)) break
      this.#place(parent, index)
      index = parentIndex
    }
    this.#place(item, index)
  }

  #sink(item: Item): void {
    let index = item.heapIndex
    for (let child = this.#earlierChild(index); child !== undefined; child = this.#earlierChild(index)) {
      if (!this.#isBefore(child, item)) break
      const childIndex = child.heapIndex
      this.#place(child, index)
      index = childIndex
    }
    this.#place(item, index)
  }

  #earlierChild(index: number): Item | undefined {
    const left = this.#items[2 * index + 1]
    const right = this.#items[2 * index + 2]
    return left !== undefined && right !== undefined && this.#isBefore(right, left) ? right : left
  }

  #place(item: Item, index: number): void {
    this.#items[index] = item
    item.heapIndex = index
  }
}
