import type { Body } from '../../envelope/codec.ts'
import type { AnnouncedContract } from '../../envelope/contract-announcement.ts'
import type { Metadata } from '../../envelope/envelope-parts.ts'
import type { PeerSettings } from '../../envelope/settings.ts'

/** What a client said of itself in its hello. */
export interface HelloInfo {
  /** Those that the client calls, or serves, by name, version and hash. */
  readonly contracts: readonly AnnouncedContract[]
  readonly auth: Body
  readonly metadata: Metadata
}

/** What the peer said of itself in the handshake. */
export interface PeerInfo {
  /** At a client: those that the server has of the names that the client asked for, in every version. */
  readonly contracts: readonly AnnouncedContract[]
  readonly metadata: Metadata
  /** What the peer is willing to receive. */
  readonly settings: PeerSettings
}
