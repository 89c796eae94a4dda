/** An object that can keep the process alive or not: a socket, a connection of the core, a message port. */
interface Holding {
  ref?: unknown
  unref?: unknown
}

/** Whether a client keeps the process alive: through its connections, if they support that, and otherwise through the platform. */
export class ConnectionHold {
  readonly #holdProcess: (() => () => void) | undefined
  /** The connections, by session. */
  readonly #connections = new Map<object, Holding>()
  #holds = true
  #isWaiting = false
  #release: (() => void) | undefined

  /** @param holdProcess keeps the process alive until the returned function is called. Absent if that is impossible */
  constructor(holdProcess?: () => () => void) {
    this.#holdProcess = holdProcess
  }

  /** Called when the session has a connection, which keeps the process alive unless `unref` was or will be called. */
  connected(session: object, connection: object): void {
    this.#connections.set(session, connection)
    this.waits(false)
    if (!this.#holds) this.#tell(connection)
  }

  /** Called when another session takes over the connection of a session. */
  moved(from: object, to: object): void {
    const connection = this.#connections.get(from)
    this.#connections.delete(from)
    if (connection !== undefined) this.#connections.set(to, connection)
  }

  /** Called when the session no longer has a connection. */
  gone(session: object): void {
    this.#connections.delete(session)
  }

  /** Called with true while the client waits for a connection, because timers do not keep the process alive. */
  waits(isWaiting: boolean): void {
    this.#isWaiting = isWaiting
    this.#holdWhileWaiting()
  }

  set(holds: boolean): void {
    this.#holds = holds
    for (const connection of this.#connections.values()) this.#tell(connection)
    this.#holdWhileWaiting()
  }

  #holdWhileWaiting(): void {
    if (this.#isWaiting && this.#holds) this.#release ??= this.#holdProcess?.()
    else {
      this.#release?.()
      this.#release = undefined
    }
  }

  #tell(connection: Holding): void {
    const method = this.#holds ? connection.ref : connection.unref
    if (typeof method === 'function') method.call(connection)
  }
}
