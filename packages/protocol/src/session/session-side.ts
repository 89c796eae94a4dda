import { EventSender, type EventSenderEvents } from './events/event-sender.ts'
import { type EventSending, noEventSender } from './events/no-event-sender.ts'
import type { SessionCore } from './flow/session-core.ts'
import { CredentialsTaker, type NewCredentialsTaker } from './link/credentials-taker.ts'

/** What a session has by the side that it is of. Given to it, so that a bundle of a client has nothing of what only servers do. */
export interface SessionSide {
  /** Makes what sends its events. */
  readonly newEventSender: (core: SessionCore, events: EventSenderEvents) => EventSending
  /** Makes what takes the credentials of its client. Of a server. */
  readonly newTaker: NewCredentialsTaker | undefined
}

/** Of a session of either role. */
export const eitherSide: SessionSide = {
  newEventSender: (core, events) => new EventSender(core, events),
  newTaker: (options, writer, link) => new CredentialsTaker(options, writer, link),
}

/** Of a client, which sends no events. */
export const clientSide: SessionSide = { newEventSender: () => noEventSender, newTaker: undefined }
