import type { OwnContract } from '../../envelope/contract-announcement.ts'
import type { SessionTicket } from '../../envelope/link-envelopes.ts'
import type { PeerInfo } from './peer-info.ts'
import type { SessionLimits } from './session-limits.ts'

/** What this side announced in a handshake. */
export interface OwnAnnouncement {
  /** The limits of the session. */
  readonly settings: SessionLimits
  /** The contracts of the session. */
  readonly contracts: readonly OwnContract[]
}

/**
 * A connection whose handshake is complete, for a new session: the server has forgotten the session that was to be
 * resumed.
 */
export class OpenedLink<Link extends object = object> {
  /** What the peer announced in the handshake. */
  readonly peer: PeerInfo
  /** The ticket of the new session; undefined if it cannot be resumed. */
  readonly ticket: SessionTicket | undefined
  /** What this side announced. The session that takes the link must have the same limits and contracts. */
  readonly own: OwnAnnouncement
  #link: Link | undefined

  constructor(link: Link, peer: PeerInfo, ticket: SessionTicket | undefined, own: OwnAnnouncement) {
    this.#link = link
    this.peer = peer
    this.ticket = ticket
    this.own = own
  }

  /** Returns the link once; undefined from then on. */
  take(): Link | undefined {
    const link = this.#link
    this.#link = undefined
    return link
  }
}
