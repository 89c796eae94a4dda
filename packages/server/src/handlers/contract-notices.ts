import type { AnnouncedContract, ContractAnnouncement } from '@frameport/protocol/envelope'
import { peerText } from '@frameport/protocol/envelope'
import type { Logger } from '../logger.ts'

/** The number of different contract states of clients that are logged; a server that runs for years sees fewer. */
const noticesMax = 64

/** Logs each different state of its contracts that clients announce, once. */
export class ContractNotices {
  readonly #own: readonly ContractAnnouncement[]
  readonly #noticed = new Set<string>()

  constructor(own: readonly ContractAnnouncement[]) {
    this.#own = own
  }

  /**
   * @param contracts announced by a client
   * @param connection the id of the client's connection
   */
  see(contracts: readonly AnnouncedContract[], connection: string, log: Logger): void {
    for (const theirs of contracts) this.#see(theirs, connection, log)
  }

  #see({ name, version, hash, calls }: AnnouncedContract, connection: string, log: Logger): void {
    if (!calls) return
    const states = this.#own.filter((own) => own.name === name)
    const own = states.find((state) => state.version === version)
    if (states.length === 0 || own?.hash === hash) return
    const key = `${name}@${version} ${own === undefined ? '' : hash}`
    if (this.#noticed.has(key) || this.#noticed.size >= noticesMax) return
    this.#noticed.add(key)
    const last = this.#noticed.size === noticesMax ? '; no further notices of this kind will be logged' : ''
    const facts = { connection, contract: peerText(name), version }
    if (own === undefined) {
      const versions = states.map((state) => state.version)
      log.info(
        { ...facts, versions },
        `a client uses a version of a contract that this server does not serve${last}`,
      )
    } else {
      log.info(
        { ...facts, clientHash: hash, serverHash: own.hash },
        `a client and this server have different fingerprints of a contract${last}`,
      )
    }
  }
}
