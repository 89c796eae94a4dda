import type { ContractEvent } from '@frameport/protocol'

/** A registration; the same function may be registered twice. */
export interface Registration {
  readonly listener: (payload: unknown) => unknown
  /** Its `subscribed` was read: who reads it learns of a refusal, or the platform reports it as unhandled. */
  isAwaited: boolean
}

/** A topic that somebody listens to. */
export class ListenedTopic {
  readonly event: ContractEvent
  /** As it stands on the wire. */
  readonly topic: string
  readonly registrations = new Set<Registration>()
  /** Events may have been missed, and nobody has been told. */
  owesGap = false

  constructor(event: ContractEvent, topic: string) {
    this.event = event
    this.topic = topic
  }
}
