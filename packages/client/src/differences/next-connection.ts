import type { ConnectionState } from '../reconnect-types.ts'

/** Lets calls wait that depend on the server of the next connection. */
export class NextConnection {
  readonly #state: () => ConnectionState
  #come: Promise<void> | undefined
  #settle: (() => void) | undefined

  /** @param state the state of the client */
  constructor(state: () => ConnectionState) {
    this.#state = state
  }

  /**
   * Undefined unless the client has lost its connection. Settles when there is one, or when there will be none. Never
   * rejects.
   */
  get awaited(): Promise<void> | undefined {
    if (this.#state() !== 'reconnecting') return undefined
    this.#come ??= new Promise((resolve) => {
      this.#settle = resolve
    })
    return this.#come
  }

  /** Called when there is a connection, or when there will be none. */
  decided(): void {
    this.#settle?.()
    this.#come = undefined
    this.#settle = undefined
  }
}
