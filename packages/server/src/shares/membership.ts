import { RpcError } from '@frameport/protocol'
import type { ServerLimits } from '../limits.ts'
import { ServerError } from '../server-error.ts'
import type { Share } from './share.ts'

/** The place of one connection in its share. */
export class Membership {
  readonly #limits: ServerLimits
  #share: Share
  #left = false

  /** @throws ServerError `CONNECTIONS_PER_SHARE_MAX` */
  constructor(share: Share, limits: ServerLimits) {
    const { connectionsPerShareMax } = limits
    if (!share.takeConnection())
      throw new ServerError('CONNECTIONS_PER_SHARE_MAX', `${connectionsPerShareMax} connections`)
    this.#limits = limits
    this.#share = share
  }

  get share(): Share {
    return this.#share
  }

  /**
   * More is known of the connection: it belongs to another share.
   *
   * @throws RpcError RESOURCE_EXHAUSTED when that one has as many connections as it may have
   */
  move(to: Share): void {
    if (this.#left || to === this.#share) return
    const { connectionsPerShareMax, refusedRetryAfterMs } = this.#limits
    if (!to.takeConnection()) {
      throw new RpcError(
        'RESOURCE_EXHAUSTED',
        `The share of this connection (what shareKey names) has ${connectionsPerShareMax} connections already, as many as connectionsPerShareMax allows. Close one first.`,
        { retryAfterMs: refusedRetryAfterMs },
      )
    }
    this.#share.leaveConnection()
    this.#share = to
  }

  /** Idempotent. */
  leave(): void {
    if (this.#left) return
    this.#left = true
    this.#share.leaveConnection()
  }
}
