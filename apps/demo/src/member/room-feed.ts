import type { Client, Listening } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import type { chat, Line, LinePlace, Presence } from '../chat-contract.ts'
import type { ClosedOffer, FileOffer } from '../file-contract.ts'
import { placeOf } from '../line-places.ts'
import type { CallFailure } from './failures.ts'

export type RoomEvent =
  | { readonly kind: 'line'; readonly line: Line; readonly place: LinePlace | undefined }
  | { readonly kind: 'presence'; readonly presence: Presence }
  | { readonly kind: 'typing'; readonly name: string }
  | { readonly kind: 'offer'; readonly offer: FileOffer }
  | { readonly kind: 'offerClosed'; readonly closed: ClosedOffer }

/**
 * The events of one room, in order. It listens before the member joins, so that no event is missed, and delays all
 * events until the history has been shown. Only for lines does the member itself subscribe, which the server allows
 * once the member has joined.
 */
export class RoomFeed {
  readonly #client: Client<typeof chat>
  readonly #topic: { readonly room: string }
  readonly #stops: readonly (() => void)[]
  readonly #deliver: (event: RoomEvent) => void
  #lines: Listening | undefined
  #heldBack: RoomEvent[] | undefined = []

  constructor(client: Client<typeof chat>, roomKey: string, deliver: (event: RoomEvent) => void) {
    this.#client = client
    this.#deliver = deliver
    const topic = { room: roomKey }
    this.#topic = topic
    this.#stops = [
      client.$on('presence', topic, (presence) => this.#heard({ kind: 'presence', presence })),
      client.$on('typing', topic, ({ name }) => this.#heard({ kind: 'typing', name })),
      client.$on('offer', topic, (offer) => this.#heard({ kind: 'offer', offer })),
      client.$on('offerClosed', topic, (closed) => this.#heard({ kind: 'offerClosed', closed })),
    ]
  }

  /** Subscribes to the lines, again in each new session. Settles when lines arrive, or with the failure. */
  async hearLines(): Promise<CallFailure | undefined> {
    this.#lines?.()
    const lines = this.#client.$on('line', this.#topic, (line, { position }) =>
      this.#heard({ kind: 'line', line, place: position && placeOf(position) }),
    )
    this.#lines = lines
    try {
      await lines.subscribed
      return undefined
    } catch (error) {
      if (!RpcError.is(error)) throw error
      // Another session has replaced the one that joined.
      return error.code === 'PERMISSION_DENIED' ? { code: 'NOT_IN_ROOM', message: error.message } : error
    }
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
    this.#lines?.()
    for (const stop of this.#stops) stop()
  }

  #heard(event: RoomEvent): void {
    if (this.#heldBack === undefined) this.#deliver(event)
    else this.#heldBack.push(event)
  }
}
