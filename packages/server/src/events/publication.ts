import type { LogPosition } from '@frameport/protocol/envelope'
import type { Publication } from '../server-types.ts'

/** A connection that has not taken all of its events. */
export interface BusySubscriber {
  /** Settles with true once none of its events wait, or with false once it is gone. Never rejects. */
  eventsSent(): Promise<boolean>
}

export class EventPublication implements Publication {
  readonly reached: number
  readonly leftOut: number
  readonly waiting: number
  readonly position: LogPosition | undefined
  readonly isRepeat: boolean
  readonly #waitsFor: readonly BusySubscriber[]
  readonly #alsoBusy: readonly BusySubscriber[]

  /**
   * @param counts of subscribers
   * @param waitsFor the subscribers that were reached and must be waited for
   * @param alsoBusy the subscribers that had no room for the event and must be waited for, too
   * @param position in the log, if the event is logged
   * @param isRepeat the log had the event before, so it was sent to nobody now
   */
  constructor(
    { reached, waiting, leftOut }: { reached: number; waiting: number; leftOut: number },
    waitsFor: readonly BusySubscriber[],
    alsoBusy: readonly BusySubscriber[],
    position: LogPosition | undefined,
    isRepeat = false,
  ) {
    this.reached = reached
    this.waiting = waiting
    this.leftOut = leftOut
    this.position = position
    this.isRepeat = isRepeat
    this.#waitsFor = waitsFor
    this.#alsoBusy = alsoBusy
  }

  // biome-ignore lint/suspicious/noThenProperty: it is awaited by those who want to wait, and costs the others no promise.
  then<Fulfilled = number, Rejected = never>(
    onFulfilled?: ((reached: number) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#settled().then(onFulfilled, onRejected)
  }

  async #settled(): Promise<number> {
    const sent = (subscribers: readonly BusySubscriber[]) =>
      Promise.all(subscribers.map((subscriber) => subscriber.eventsSent()))
    const [outcomes] = await Promise.all([sent(this.#waitsFor), sent(this.#alsoBusy)])
    return this.reached - outcomes.filter((wasSent) => !wasSent).length
  }
}

/** Holds a publication in the result of a promise, where the publication itself would be awaited. */
export interface HeldPublication {
  readonly publication: EventPublication
}

const nothing = { reached: 0, waiting: 0, leftOut: 0 }
const toNobody = new EventPublication(nothing, [], [], undefined)

/** The publication of an event that nobody here is subscribed to, or that a log already had. */
export function publishedToNobody(position?: LogPosition, isRepeat = false): EventPublication {
  return position === undefined ? toNobody : new EventPublication(nothing, [], [], position, isRepeat)
}
