import type { EventBus, EventLog, Logger } from '@frameport/server'
import type { Line, Presence } from '../chat-contract.ts'
import type { OfferOutlet } from './files/offers.ts'
import type { TooFast } from './outcome.ts'
import type { RoomRefused, RosterLimits } from './roster/roster.ts'
import type { ServerProcess } from './roster/server-beats.ts'

/** Publishes the events of the chat service to the members of the room with this key, on all servers. */
export interface Outlet extends OfferOutlet {
  /**
   * @param id identifies the line in its room, so that a line that comes again is published only once
   * @returns the number of the line when it is kept; undefined if it could not be kept and was not published
   */
  line(roomKey: string, line: Line, id: string | undefined): Promise<number | undefined>
  presence(roomKey: string, presence: Presence): void
  typing(roomKey: string, name: string): void
}

export type JoinRefusal =
  | RoomRefused
  | { readonly code: 'NAME_FIXED'; readonly name: string }
  | TooFast
  | { readonly code: 'GONE' }
  /** The servers of the chat do not reach each other. */
  | { readonly code: 'SERVERS_APART' }

/**
 * Changes the subscriptions after the other members have been notified. Settles when the newcomer receives the events
 * of the room.
 */
export type MoveToRoom = (roomKey: string, roomKeyBefore: string | undefined) => unknown

export interface ChatServiceOptions {
  readonly roomLimits?: Partial<RosterLimits> & { readonly membersMax?: number }
  /** Keeps the roster for all servers of the chat, across restarts. */
  readonly rosterLog: EventLog
  /** The bus to the other servers. Default: there are no other servers. */
  readonly bus?: EventBus | undefined
  /** Whether the log cannot be reached at the moment. Default: it always can. */
  readonly isAway?: (() => boolean) | undefined
  /** Default: a process of its own. */
  readonly process?: ServerProcess | undefined
  readonly logger: Logger
}
