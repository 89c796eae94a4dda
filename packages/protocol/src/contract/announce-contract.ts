import type { ContractAnnouncement } from '../envelope/contract-announcement.ts'
import type { ProcedureEntry } from './bind-procedures.ts'
import type { ContractEvent } from './event.ts'
import { contractHash, eventFingerprintOf, type FingerprintOptions } from './fingerprint.ts'

/** All members of a contract. */
interface AnnouncedMembers {
  readonly procedures: ReadonlyMap<string, ProcedureEntry>
  readonly clientProcedures: ReadonlyMap<string, ProcedureEntry>
  readonly events: Readonly<Record<string, ContractEvent>>
}

/**
 * Makes what a peer can learn about a contract: its hash in the handshake, and the fingerprints when it asks for them.
 */
export function announceContract(
  name: string,
  { procedures, clientProcedures, events }: AnnouncedMembers,
  options: FingerprintOptions,
): ContractAnnouncement {
  const fingerprints = fingerprintsOf(procedures)
  const clientFingerprints = fingerprintsOf(clientProcedures)
  const eventFingerprints = Object.freeze(
    Object.fromEntries(
      Object.entries(events).map(([event, declared]) => [event, eventFingerprintOf(declared, options)]),
    ),
  )
  return Object.freeze({
    name,
    version: options.contractVersion,
    fingerprints,
    eventFingerprints,
    clientFingerprints,
    hash: contractHash(fingerprints, eventFingerprints, clientFingerprints),
  })
}

function fingerprintsOf(entries: ReadonlyMap<string, ProcedureEntry>): Readonly<Record<string, string>> {
  return Object.freeze(
    Object.fromEntries([...entries.values()].map(({ path, fingerprint }) => [path, fingerprint])),
  )
}
