import type { ContractAnnouncement } from '../envelope/contract-announcement.ts'
import type { PeerInfo } from '../session/common/peer-info.ts'

/**
 * The fingerprints that go with the first call of each procedure, when client and server announced different hashes of
 * the contract. A strict server refuses a call whose fingerprint is not its own.
 */
export class ToldFingerprints {
  readonly #contract: ContractAnnouncement
  readonly #told = new Set<string>()
  #differs = false

  constructor(contract: ContractAnnouncement) {
    this.#contract = contract
  }

  /** The handshake is done. */
  opened({ contracts }: PeerInfo): void {
    const { name, version, hash } = this.#contract
    const same = contracts.some(
      (theirs) => theirs.name === name && theirs.version === version && theirs.hash === hash,
    )
    this.#differs = !same
  }

  /** To be sent with a call of this procedure, once; undefined when nothing is. */
  next({ path, fingerprint }: { readonly path: string; readonly fingerprint: string }): string | undefined {
    if (!this.#differs || this.#told.has(path)) return undefined
    this.#told.add(path)
    return fingerprint
  }
}
