import type { SessionTicket } from '../../envelope/link-envelopes.ts'
import type { PeerInfo } from './peer-info.ts'

/** A connection whose handshake is done, for a new session: the server has forgotten the one that was to go on. */
export class OpenedLink<Link extends object = object> {
  readonly peer: PeerInfo
  readonly ticket: SessionTicket | undefined
  #link: Link | undefined

  constructor(link: Link, peer: PeerInfo, ticket: SessionTicket | undefined) {
    this.#link = link
    this.peer = peer
    this.ticket = ticket
  }

  /** Once; undefined from then on. */
  take(): Link | undefined {
    const link = this.#link
    this.#link = undefined
    return link
  }
}
