import type { LogPosition } from '@frameport/protocol/envelope'
import type { Publication } from '../server-types.ts'
import type { EventPublication } from './publication.ts'

/** The publication of an event that is also sent to other servers. The counts are those of this server. */
export class BusPublication implements Publication {
  readonly #local: EventPublication
  readonly #handed: Promise<{ readonly failure?: unknown }>

  /** @param handed settles when the bus has taken the event */
  constructor(local: EventPublication, handed: Promise<void>) {
    this.#local = local
    this.#handed = handed.then(
      () => ({}),
      // A caller that does not await it finds the failure in the log of the server.
      (failure: unknown) => ({ failure }),
    )
  }

  get reached(): number {
    return this.#local.reached
  }

  get waiting(): number {
    return this.#local.waiting
  }

  get leftOut(): number {
    return this.#local.leftOut
  }

  get position(): LogPosition | undefined {
    return this.#local.position
  }

  get isRepeat(): boolean {
    return this.#local.isRepeat
  }

  // biome-ignore lint/suspicious/noThenProperty: it is awaited by those who want to wait, as one without a bus is.
  then<Fulfilled = number, Rejected = never>(
    onFulfilled?: ((reached: number) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#settled().then(onFulfilled, onRejected)
  }

  async #settled(): Promise<number> {
    const [{ failure }, reached] = await Promise.all([this.#handed, this.#local])
    if (failure !== undefined) throw failure
    return reached
  }
}
