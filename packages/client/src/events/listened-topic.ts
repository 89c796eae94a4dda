import type { ContractEvent } from '@frameport/protocol'
import { isSameLog, type LogPosition } from '@frameport/protocol/envelope'
import type { EventFacts } from '../client-types.ts'

/** A registration. The same function may be registered twice. */
export interface Registration {
  readonly listener: (payload: unknown, facts: EventFacts) => unknown
  /** `subscribed` was read. The reader handles a refusal, or the platform reports it as unhandled. */
  isAwaited: boolean
}

/** A topic with listeners. */
export class ListenedTopic {
  readonly event: ContractEvent
  /** The topic in its wire form. */
  readonly topic: string
  readonly registrations = new Set<Registration>()
  /** The server sends its events, or may do so: it has accepted the subscription, or only its handlers know of it. */
  isFollowed: boolean
  /** Events may have been missed, and this has not been reported yet. */
  owesGap = false
  #position: LogPosition | undefined

  constructor(event: ContractEvent, topic: string) {
    this.event = event
    this.topic = topic
    this.isFollowed = event.subscribe !== 'clients'
  }

  /** The position up to which the listeners have received everything. Undefined without a log. */
  get position(): LogPosition | undefined {
    return this.#position
  }

  /** Whether the event at this position was received before. Positions in another log do not count. */
  has(position: LogPosition | undefined): boolean {
    const last = this.#position
    if (position === undefined || last === undefined) return false
    return position.number <= last.number && isSameLog(position, last)
  }

  /** The listeners have received the event at this position, or a gap for all before it. */
  advance(position: LogPosition | undefined): void {
    if (position !== undefined && !this.has(position)) this.#position = position
  }

  /** The server sends the events after this position. */
  beginsAfter(position: LogPosition): void {
    this.#position ??= position
  }
}
