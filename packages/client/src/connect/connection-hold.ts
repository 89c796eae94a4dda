/** A connection that can say whether it keeps the process alive: a socket, a connection of the core, a message port. */
interface Holding {
  ref?: unknown
  unref?: unknown
}

/** Whether the connection of a client keeps the process alive, where the connection can be told that. */
export class ConnectionHold {
  #connection: Holding | undefined
  #holds = true

  /** There is a connection. It holds the process unless it is told otherwise, or has been before it was there. */
  connected(connection: object): void {
    this.#connection = connection
    if (!this.#holds) this.#tell()
  }

  set(holds: boolean): void {
    this.#holds = holds
    this.#tell()
  }

  #tell(): void {
    const connection = this.#connection
    const method = this.#holds ? connection?.ref : connection?.unref
    if (typeof method === 'function') method.call(connection)
  }
}
