import type { Body } from '../../envelope/codec.ts'
import type { AnnouncedContract } from '../../envelope/contract-announcement.ts'
import type { Metadata } from '../../envelope/envelope-parts.ts'
import type { PeerSettings } from '../../envelope/settings.ts'

/** What a client announced in its hello. */
export interface HelloInfo {
  /** The contracts that the client calls or serves. */
  readonly contracts: readonly AnnouncedContract[]
  /** The credentials; of the kind `none` if there are none. */
  readonly auth: Body
  /** The metadata of the hello. */
  readonly metadata: Metadata
}

/** What the peer announced in the handshake. */
export interface PeerInfo {
  /**
   * The contracts of the peer. At a client: those whose names the hello has, in every version that the server has.
   */
  readonly contracts: readonly AnnouncedContract[]
  /** The metadata of the hello or the welcome. */
  readonly metadata: Metadata
  /** What the peer is willing to receive. */
  readonly settings: PeerSettings
}
