import type { Entry } from './contract.ts'

/** Entries, and the newest changes of them. It knows nothing of the network. */
export class KeyValueStore {
  readonly #changesMax: number
  readonly #entries = new Map<string, Entry>()
  /** The newest changes without a gap: the last of them has the revision `#revision`. */
  #changes: Entry[] = []
  #revision = 0
  readonly #wake = new Set<() => void>()

  /** @param changesMax changes that are kept for those who watch; from 1 on */
  constructor({ changesMax }: { readonly changesMax: number }) {
    this.#changesMax = changesMax
  }

  get size(): number {
    return this.#entries.size
  }

  /** That of the last change. */
  get revision(): number {
    return this.#revision
  }

  /** That of the oldest change that is kept. */
  get oldestRevision(): number {
    return this.#revision - this.#changes.length + 1
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  put(key: string, value: string, writer: string | undefined): Entry {
    this.#revision += 1
    const entry: Entry = { key, value, revision: this.#revision, writer }
    this.#entries.set(key, entry)
    this.#changes.push(entry)
    // In one go for many: to shift an array at each change would move all of it.
    if (this.#changes.length >= 2 * this.#changesMax) this.#changes = this.#changes.slice(-this.#changesMax)
    for (const wake of this.#wake) wake()
    this.#wake.clear()
    return entry
  }

  list(prefix: string): Entry[] {
    return [...this.#entries.values()].filter(({ key }) => key.startsWith(prefix))
  }

  /** The change that follows a revision; undefined when there is none yet, `compacted` when it is not kept any more. */
  changeAfter(revision: number): Entry | 'compacted' | undefined {
    if (revision >= this.#revision) return undefined
    return this.#changes[revision + 1 - this.oldestRevision] ?? 'compacted'
  }

  /** Settles at the next change. Rejects with the signal's reason. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = () => {
        signal.removeEventListener('abort', abort)
        resolve()
      }
      const abort = () => {
        this.#wake.delete(wake)
        reject(signal.reason)
      }
      if (signal.aborted) return reject(signal.reason)
      signal.addEventListener('abort', abort, { once: true })
      this.#wake.add(wake)
    })
  }
}
