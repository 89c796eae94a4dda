import type { LogPosition } from '@frameport/protocol/envelope'
import type { EventPublication, HeldPublication } from '../events/publication.ts'
import type { Publication } from '../server-types.ts'

/** The publication of an event whose log answers later. Nobody receives the event before that. */
export class LoggedPublication implements Publication {
  #publication: EventPublication | undefined
  readonly #outcome: Promise<{ readonly failure?: unknown }>

  /**
   * @param published settles when the event has its place in the log and was published. It does not settle with the
   * publication itself, which would be awaited
   */
  constructor(published: Promise<HeldPublication>) {
    this.#outcome = published.then(
      ({ publication }) => {
        this.#publication = publication
        return {}
      },
      // A caller that does not await it finds the failure in the log of the server.
      (failure: unknown) => ({ failure }),
    )
  }

  get reached(): number {
    return this.#publication?.reached ?? 0
  }

  get waiting(): number {
    return this.#publication?.waiting ?? 0
  }

  get leftOut(): number {
    return this.#publication?.leftOut ?? 0
  }

  get position(): LogPosition | undefined {
    return this.#publication?.position
  }

  get isRepeat(): boolean {
    return this.#publication?.isRepeat ?? false
  }

  // biome-ignore lint/suspicious/noThenProperty: it is awaited by those who want to wait, as one without a log is.
  then<Fulfilled = number, Rejected = never>(
    onFulfilled?: ((reached: number) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#reached().then(onFulfilled, onRejected)
  }

  async #reached(): Promise<number> {
    const { failure } = await this.#outcome
    if (failure !== undefined) throw failure
    return (await this.#publication) ?? 0
  }
}
