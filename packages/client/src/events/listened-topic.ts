import type { ContractEvent } from '@frameport/protocol'
import { isSameLog, type LogPosition } from '@frameport/protocol/envelope'
import type { EventFacts } from '../client-types.ts'

/** A registration; the same function may be registered twice. */
export interface Registration {
  readonly listener: (payload: unknown, facts: EventFacts) => unknown
  /** Its `subscribed` was read: who reads it learns of a refusal, or the platform reports it as unhandled. */
  isAwaited: boolean
}

/** A topic that somebody listens to. */
export class ListenedTopic {
  readonly event: ContractEvent
  /** As it stands on the wire. */
  readonly topic: string
  readonly registrations = new Set<Registration>()
  /** Its events have come, or would have: the server has said yes to it, or only handlers of the server know. */
  isFollowed: boolean
  /** Events may have been missed, and nobody has been told. */
  owesGap = false
  #position: LogPosition | undefined

  constructor(event: ContractEvent, topic: string) {
    this.event = event
    this.topic = topic
    this.isFollowed = event.subscribe !== 'clients'
  }

  /** The listeners have everything up to here. Undefined without a log. */
  get position(): LogPosition | undefined {
    return this.#position
  }

  /** Whether what stands there came before. Positions of another log say nothing of it. */
  has(position: LogPosition | undefined): boolean {
    const last = this.#position
    if (position === undefined || last === undefined) return false
    return position.number <= last.number && isSameLog(position, last)
  }

  /** The listeners have what stands there, or were told that they miss what is before it. */
  advance(position: LogPosition | undefined): void {
    if (position !== undefined && !this.has(position)) this.#position = position
  }

  /** The server sends what comes behind this position. */
  beginsAfter(position: LogPosition): void {
    this.#position ??= position
  }
}
