import type { EventBus, EventLog, Logger } from '@frameport/server'
import type { Line, Presence } from '../chat-contract.ts'
import type { OfferOutlet } from './files/offers.ts'
import type { TooFast } from './outcome.ts'
import type { RoomRefused, RosterLimits } from './roster/roster.ts'
import type { ServerProcess } from './roster/server-beats.ts'

/** Through this the chat service reaches people: the members of the room with the given key, on all servers. */
export interface Outlet extends OfferOutlet {
  /**
   * @param id names the line among those of the room, so that it is said once however often it comes
   * @returns its number, once it is kept; undefined when it could not be, and was not said
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

/** Changes the subscriptions, behind the news to the other members. Settles when what happens in the room reaches the newcomer. */
export type Moved = (roomKey: string, roomKeyBefore: string | undefined) => unknown

export interface ChatServiceOptions {
  readonly roomLimits?: Partial<RosterLimits> & { readonly membersMax?: number }
  /** Keeps who is where, for all servers of the chat, and for the next one. */
  readonly rosterLog: EventLog
  /** To the other servers. Default: there are none. */
  readonly bus?: EventBus | undefined
  /** Whether the log cannot be reached at the moment. Default: it always can. */
  readonly isAway?: (() => boolean) | undefined
  /** Default: a process of its own. */
  readonly process?: ServerProcess | undefined
  readonly logger: Logger
}
