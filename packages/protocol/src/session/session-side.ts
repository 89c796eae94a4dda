import { EventSender, type EventSenderEvents } from './events/event-sender.ts'
import { type EventSending, noEventSender } from './events/no-event-sender.ts'
import type { SessionCore } from './flow/session-core.ts'
import { CredentialsTaker, type NewCredentialsTaker } from './link/credentials-taker.ts'

/**
 * The parts of a session that depend on its side. They are passed in, so that a client bundle contains no server code.
 */
export interface SessionSide {
  /** Creates the sender of its events. */
  readonly newEventSender: (core: SessionCore, events: EventSenderEvents) => EventSending
  /** Creates the object that receives the client's credentials. For a server. */
  readonly newTaker: NewCredentialsTaker | undefined
}

/** For a session of either role. */
export const eitherSide: SessionSide = {
  newEventSender: (core, events) => new EventSender(core, events),
  newTaker: (options, writer, link) => new CredentialsTaker(options, writer, link),
}

/** For a client, which sends no events. */
export const clientSide: SessionSide = { newEventSender: () => noEventSender, newTaker: undefined }
