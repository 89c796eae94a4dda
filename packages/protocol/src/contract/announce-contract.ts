import type { ContractAnnouncement } from '../envelope/contract-announcement.ts'
import type { ProcedureEntry } from './bind-procedures.ts'
import type { ContractEvent } from './event.ts'
import { contractHash, eventFingerprintOf, type FingerprintOptions } from './fingerprint.ts'

/** What a peer is told of a contract: its hash in the handshake, the fingerprints when it asks for them. */
export function announceContract(
  name: string,
  procedures: ReadonlyMap<string, ProcedureEntry>,
  events: Readonly<Record<string, ContractEvent>>,
  options: FingerprintOptions,
): ContractAnnouncement {
  const fingerprints = Object.freeze(
    Object.fromEntries([...procedures.values()].map((entry) => [entry.path, entry.fingerprint])),
  )
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
    hash: contractHash(fingerprints, eventFingerprints),
  })
}
