import type { Client } from '@frameport/client'
import type { chat, Line, Presence } from '../chat-contract.ts'

export type RoomEvent =
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'presence'; readonly presence: Presence }
  | { readonly kind: 'typing'; readonly name: string }

/**
 * What happens in one room, in order. It listens from before one joins, so that nothing is missed, and holds
 * everything back until the history was shown.
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
    ]
  }

  /** Delivers what was held back, and from now on everything at once. */
  open(): void {
    const heldBack = this.#heldBack ?? []
    this.#heldBack = undefined
    for (const event of heldBack) this.#deliver(event)
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }

  #heard(event: RoomEvent): void {
    if (this.#heldBack === undefined) this.#deliver(event)
    else this.#heldBack.push(event)
  }
}
