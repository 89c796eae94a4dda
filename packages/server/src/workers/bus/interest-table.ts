/**
 * The slots of one table. A worker that listens to more topics than that gets most events, and ignores those that it
 * does not want.
 */
const slots = 65_536

/** Memory for the table of one worker, which all workers see. */
export function interestMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(slots * Int32Array.BYTES_PER_ELEMENT)
}

/**
 * The topics that one worker listens to, as counters in memory that all workers share: an event goes only to workers
 * that want it, and a worker starts to listen without a request to others. Two topics may share a slot.
 */
export class InterestTable {
  readonly #counters: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#counters = new Int32Array(memory)
  }

  add(slot: number): void {
    Atomics.add(this.#counters, slot, 1)
  }

  remove(slot: number): void {
    Atomics.sub(this.#counters, slot, 1)
  }

  has(slot: number): boolean {
    return Atomics.load(this.#counters, slot) > 0
  }
}

/** FNV-1a. Clients choose topics, but topics that share a slot only cause events that are ignored. */
export function slotOf(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  return (hash ^ (hash >>> 16)) & (slots - 1)
}
