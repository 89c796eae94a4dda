import { RpcError } from '@frameport/protocol'

/** Counts the handlers that run, on all connections of a server. */
export class HandlerCount {
  #running = 0
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  get running(): number {
    return this.#running
  }

  /** @throws RpcError RESOURCE_EXHAUSTED */
  enter(): void {
    if (this.#running >= this.#max) {
      throw new RpcError(
        'RESOURCE_EXHAUSTED',
        `The server runs ${this.#max} calls already, as many as handlersInFlightMax allows. Call again later.`,
      )
    }
    this.#running++
  }

  /** @throws RpcError RESOURCE_EXHAUSTED, and what `handler` rejects with */
  async run(handler: () => Promise<void>): Promise<void> {
    this.enter()
    try {
      await handler()
    } finally {
      this.leave()
    }
  }

  leave(): void {
    this.#running--
  }
}
