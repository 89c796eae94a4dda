import { errorWithoutStack } from '@frameport/protocol/contract'
import type { ServerLimits } from '../limits.ts'
import type { Share } from '../shares/share.ts'

/**
 * Counts the running handlers, on all connections of a server and in each share of it, until they have stopped,
 * including those whose calls were cancelled or whose connections are gone. Otherwise a caller could begin and abandon
 * any number of calls.
 */
export class HandlerCount {
  /** The calls of clients so far. The counts only grow. */
  readonly totals = { callsBegun: 0, callsFailed: 0, callsRefused: 0 }
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
        `The server already runs ${handlersInFlightMax} calls, the limit handlersInFlightMax. Call again later.`,
        { retryAfterMs },
      )
    }
    if (!share.takeHandler()) {
      throw errorWithoutStack(
        'RESOURCE_EXHAUSTED',
        `The server already runs ${handlersPerShareMax} calls for the share of this connection (its address, or its shareKey), the limit handlersPerShareMax. Call again later.`,
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
      this.leave(share)
    }
  }

  /** Call when a handler has stopped. */
  leave(share: Share): void {
    this.#running--
    share.leaveHandler()
  }
}
