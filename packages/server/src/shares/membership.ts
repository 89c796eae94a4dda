import { RpcError } from '@frameport/protocol'
import type { SessionShare } from '@frameport/protocol/session'
import type { ServerLimits } from '../limits.ts'
import { ServerError } from '../server-error.ts'
import type { Seat, Seats } from './seats.ts'
import type { Share } from './share.ts'

/** The seats that one connection takes in its server and its share. */
export class Membership implements SessionShare {
  readonly #limits: ServerLimits
  #inServer: Seat
  #share: Share
  #inShare: Seat
  #left = false

  /** @throws ServerError `CONNECTIONS_MAX`, `CONNECTIONS_PER_SHARE_MAX` */
  constructor(ofServer: Seats, share: Share, limits: ServerLimits) {
    const { connectionsMax, connectionsPerShareMax } = limits
    const inServer = ofServer.take()
    if (inServer === undefined) throw new ServerError('CONNECTIONS_MAX', `${connectionsMax} connections`)
    const inShare = share.seats.take()
    if (inShare === undefined) {
      inServer.leave()
      throw new ServerError('CONNECTIONS_PER_SHARE_MAX', `${connectionsPerShareMax} connections`)
    }
    this.#limits = limits
    this.#inServer = inServer
    this.#share = share
    this.#inShare = inShare
  }

  get share(): Share {
    return this.#share
  }

  get key(): string | undefined {
    return this.#share.key
  }

  takeRefusal(): boolean {
    return this.#share.takeRefusal()
  }

  /** The reason why a new client cannot be let in; undefined if there is a seat for it. */
  settle(): RpcError | undefined {
    if (!this.#inServer.settle()) return this.#serverIsFull()
    return this.#inShare.settle() ? undefined : this.#shareIsFull()
  }

  /**
   * Moves the connection to another share, once more is known about it.
   *
   * @throws RpcError RESOURCE_EXHAUSTED if that share has no free seat, and no detached session
   */
  move(to: Share): void {
    if (this.#left || to === this.#share) return
    const seat = to.seats.take()
    if (seat === undefined) throw this.#shareIsFull()
    this.#inShare.leave()
    this.#share = to
    this.#inShare = seat
  }

  /** The client is admitted. @param mayComeBack its session can outlive this connection */
  letIn(mayComeBack: boolean): void {
    this.#inServer.letIn(mayComeBack)
    this.#inShare.letIn(mayComeBack)
  }

  /** The connection is lost, and its session waits for another. @param end ends it with this reason if too many wait */
  detach(end: (reason: string) => void): void {
    const { detachedMax, detachedPerShareMax } = this.#limits
    const tooMany = (limit: string) => () => {
      this.leave()
      end(`more sessions wait for their clients than ${limit} allows, and this one had waited longest`)
    }
    this.#inServer.detach(tooMany(`detachedMax ${detachedMax}`))
    this.#inShare.detach(tooMany(`detachedPerShareMax ${detachedPerShareMax}`))
  }

  /** The client continues its session over the connection of `other`, whose seats this object takes over. */
  takeOver(other: Membership): void {
    this.leave()
    this.#left = other.#left
    this.#share = other.#share
    this.#inServer = other.#inServer
    this.#inShare = other.#inShare
    this.letIn(true)
  }

  /** Idempotent. */
  leave(): void {
    this.#left = true
    this.#inServer.leave()
    this.#inShare.leave()
  }

  #serverIsFull(): RpcError {
    return this.#full(
      `The server already has ${this.#limits.connectionsMax} connections, the limit connectionsMax. Try again later.`,
    )
  }

  #shareIsFull(): RpcError {
    return this.#full(
      `The share of this connection (its address, or its shareKey) already has ${this.#limits.connectionsPerShareMax} connections, the limit connectionsPerShareMax. Close one first.`,
    )
  }

  #full(text: string): RpcError {
    return new RpcError('RESOURCE_EXHAUSTED', text, { retryAfterMs: this.#limits.refusedRetryAfterMs })
  }
}
