/**
 * The secrets with which a client may take its session up again. A welcome brings a new one, and may be lost with its
 * connection: the one that was shown for it counts until the client has acknowledged something behind that welcome.
 */
export class SessionSecrets {
  #newest: Uint8Array
  #shown: Uint8Array | undefined

  constructor(first: Uint8Array) {
    this.#newest = first
  }

  get newest(): Uint8Array {
    return this.#newest
  }

  /** In a time that does not say which bytes are right. */
  includes(secret: Uint8Array): boolean {
    const isNewest = areEqual(this.#newest, secret)
    const isShown = this.#shown !== undefined && areEqual(this.#shown, secret)
    return isNewest || isShown
  }

  /** @param shown the one of these that the client has shown */
  renew(shown: Uint8Array, next: Uint8Array): void {
    this.#shown = shown.slice()
    this.#newest = next
  }

  /** The client has the newest. */
  confirm(): void {
    this.#shown = undefined
  }
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  let difference = 0
  for (let at = 0; at < one.length; at += 1) difference |= (one[at] as number) ^ (other[at] as number)
  return difference === 0
}
