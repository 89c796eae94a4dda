import { errorWithoutStack } from '@frameport/protocol/contract'
import type { ServerLimits } from '../limits.ts'
import type { Share } from '../shares/share.ts'

/**
 * Counts the handlers that run, on all connections of a server and in each share of it. A producer that was left and has
 * not stopped counts in its share only: each connection has a limit of its own for those.
 */
export class HandlerCount {
  #running = 0
  readonly #limits: ServerLimits

  constructor(limits: ServerLimits) {
    this.#limits = limits
  }

  get running(): number {
    return this.#running
  }

  /** @throws RpcError RESOURCE_EXHAUSTED */
  enter(share: Share): void {
    const { handlersInFlightMax, handlersPerShareMax, refusedRetryAfterMs: retryAfterMs } = this.#limits
    if (this.#running >= handlersInFlightMax) {
      throw errorWithoutStack(
        'RESOURCE_EXHAUSTED',
        `The server runs ${handlersInFlightMax} calls already, as many as handlersInFlightMax allows. Call again later.`,
        { retryAfterMs },
      )
    }
    if (!share.takeHandler()) {
      throw errorWithoutStack(
        'RESOURCE_EXHAUSTED',
        `The server runs ${handlersPerShareMax} calls for the share of this connection (its address, or what shareKey names) already, as many as handlersPerShareMax allows. Call again later.`,
        { retryAfterMs },
      )
    }
    this.#running++
  }

  /** @throws RpcError RESOURCE_EXHAUSTED, and what `handler` rejects with */
  async run(share: Share, handler: () => Promise<void>): Promise<void> {
    this.enter(share)
    try {
      await handler()
    } finally {
      this.leave()
      share.leaveHandler()
    }
  }

  /** A handler has answered. Its share is told when it has stopped. */
  leave(): void {
    this.#running--
  }
}
