/**
 * The sessions of one server that clients may resume, by name. Only the code that adds and looks up an entry knows what
 * the name stands for.
 */
export class NamedSessions<Found extends object = object> {
  readonly #byName = new Map<string, Found>()

  get size(): number {
    return this.#byName.size
  }

  add(name: Uint8Array, found: Found): void {
    this.#byName.set(keyOf(name), found)
  }

  /** Removes the entry only if the name still belongs to `found`. */
  remove(name: Uint8Array, found: Found): void {
    const key = keyOf(name)
    if (this.#byName.get(key) === found) this.#byName.delete(key)
  }

  find(name: Uint8Array): Found | undefined {
    return this.#byName.get(keyOf(name))
  }
}

function keyOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
