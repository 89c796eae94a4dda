/**
 * The number of consecutive welcomes that may be lost. A client without any of the newest secrets is considered gone.
 */
const unconfirmedMax = 8

/**
 * The secrets with which a client may resume its session. A welcome brings a new one, and may be lost with its
 * connection: earlier ones stay valid until the client has acknowledged something on the connection of the newest.
 */
export class SessionSecrets {
  /** The first one is the secret that the client certainly has. */
  #secrets: Uint8Array[]

  constructor(first: Uint8Array) {
    this.#secrets = [first]
  }

  get newest(): Uint8Array {
    return this.#secrets.at(-1) as Uint8Array
  }

  /** Takes a time that does not reveal which bytes are right. */
  includes(secret: Uint8Array): boolean {
    let isKnown = false
    for (const known of this.#secrets) if (areEqual(known, secret)) isKnown = true
    return isKnown
  }

  renew(next: Uint8Array): void {
    if (this.#secrets.length > unconfirmedMax) this.#secrets.splice(1, 1)
    this.#secrets.push(next)
  }

  /** The client has the newest one. */
  confirm(): void {
    if (this.#secrets.length > 1) this.#secrets = [this.newest]
  }
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  let difference = 0
  for (let at = 0; at < one.length; at += 1) difference |= (one[at] as number) ^ (other[at] as number)
  return difference === 0
}
