import type { ContractAnnouncement } from '../envelope/contract-announcement.ts'
import type { PeerInfo } from '../session/common/peer-info.ts'

/**
 * Decides which calls carry the fingerprint of their procedure: the first call of each procedure to each peer that
 * announced another hash of the contract. A strict server refuses a call whose fingerprint differs from its own.
 */
export class ToldFingerprints {
  readonly #contract: ContractAnnouncement
  /**
   * The paths of procedures, for each peer with another announcement. A draining session may send calls as well as the
   * new one.
   */
  readonly #told = new WeakMap<PeerInfo, Set<string>>()
  /** The peer that was asked for last. */
  #peer: PeerInfo | undefined
  /** The paths for which that peer got a fingerprint; undefined if it announced the same contract. */
  #toldOfPeer: Set<string> | undefined

  constructor(contract: ContractAnnouncement) {
    this.#contract = contract
  }

  /**
   * Returns the fingerprint to send with a call of this procedure, once for each peer; otherwise undefined.
   *
   * @param peer what the peer of the session announced; undefined before the handshake
   */
  next(
    { path, fingerprint }: { readonly path: string; readonly fingerprint: string },
    peer: PeerInfo | undefined,
  ): string | undefined {
    if (peer !== this.#peer) this.#turnTo(peer)
    const told = this.#toldOfPeer
    if (told === undefined || told.has(path)) return undefined
    told.add(path)
    return fingerprint
  }

  #turnTo(peer: PeerInfo | undefined): void {
    this.#peer = peer
    this.#toldOfPeer = undefined
    if (peer === undefined || this.#isSame(peer)) return
    const told = this.#told.get(peer) ?? new Set()
    this.#told.set(peer, told)
    this.#toldOfPeer = told
  }

  #isSame({ contracts }: PeerInfo): boolean {
    const { name, version, hash } = this.#contract
    return contracts.some(
      (theirs) => theirs.name === name && theirs.version === version && theirs.hash === hash,
    )
  }
}
