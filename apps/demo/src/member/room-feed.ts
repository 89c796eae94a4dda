import type { Client } from '@frameport/client'
import type { chat, Line, Presence } from '../chat-contract.ts'
import type { ClosedOffer, FileOffer } from '../file-contract.ts'

export type RoomEvent =
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'presence'; readonly presence: Presence }
  | { readonly kind: 'typing'; readonly name: string }
  | { readonly kind: 'offer'; readonly offer: FileOffer }
  | { readonly kind: 'offerClosed'; readonly closed: ClosedOffer }

/**
 * The events of one room, in order. It subscribes before the member joins, so that nothing is missed, and holds every
 * event back until the history has been shown.
 */
export class RoomFeed {
  readonly #stops: readonly (() => void)[]
  readonly #deliver: (event: RoomEvent) => void
  #heldBack: RoomEvent[] | undefined = []

  constructor(client: Client<typeof chat>, roomKey: string, deliver: (event: RoomEvent) => void) {
    this.#deliver = deliver
    const topic = { room: roomKey }
    this.#stops = [
      client.$on('line', topic, (line) => this.#heard({ kind: 'line', line })),
      client.$on('presence', topic, (presence) => this.#heard({ kind: 'presence', presence })),
      client.$on('typing', topic, ({ name }) => this.#heard({ kind: 'typing', name })),
      client.$on('offer', topic, (offer) => this.#heard({ kind: 'offer', offer })),
      client.$on('offerClosed', topic, (closed) => this.#heard({ kind: 'offerClosed', closed })),
    ]
  }

  /** Delivers the events that were held back, and every later one at once. */
  open(): void {
    const heldBack = this.#heldBack ?? []
    this.#heldBack = undefined
    for (const event of heldBack) this.#deliver(event)
  }

  /** Holds events back again, until it is opened. */
  hold(): void {
    this.#heldBack ??= []
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }

  #heard(event: RoomEvent): void {
    if (this.#heldBack === undefined) this.#deliver(event)
    else this.#heldBack.push(event)
  }
}
