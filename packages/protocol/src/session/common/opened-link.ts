import type { OwnContract } from '../../envelope/contract-announcement.ts'
import type { SessionTicket } from '../../envelope/link-envelopes.ts'
import type { PeerInfo } from './peer-info.ts'
import type { SessionLimits } from './session-limits.ts'

/** What this side has said of itself in a handshake. */
export interface OwnAnnouncement {
  readonly settings: SessionLimits
  readonly contracts: readonly OwnContract[]
}

/** A connection whose handshake is done, for a new session: the server has forgotten the one that was to go on. */
export class OpenedLink<Link extends object = object> {
  readonly peer: PeerInfo
  readonly ticket: SessionTicket | undefined
  /** The session that takes it has to keep to this. */
  readonly own: OwnAnnouncement
  #link: Link | undefined

  constructor(link: Link, peer: PeerInfo, ticket: SessionTicket | undefined, own: OwnAnnouncement) {
    this.#link = link
    this.peer = peer
    this.ticket = ticket
    this.own = own
  }

  /** Once; undefined from then on. */
  take(): Link | undefined {
    const link = this.#link
    this.#link = undefined
    return link
  }
}
