import { contractRoles } from './kinds.ts'
import type { WireContract } from './link-envelopes.ts'

/** A contract of this side, as it is announced and described. */
export interface ContractAnnouncement {
  readonly name: string
  readonly version: number
  /** Procedure path (`files.put`) to fingerprint. */
  readonly fingerprints: Readonly<Record<string, string>>
  /** Event name (`line`) to fingerprint. */
  readonly eventFingerprints: Readonly<Record<string, string>>
  /** Stands for all of that: equal hashes mean equal contracts. Hex digits, 2 to 64 of them. */
  readonly hash: string
}

/** A contract as the peer announced it. */
export interface AnnouncedContract {
  readonly name: string
  readonly version: number
  /** The peer answers its calls. */
  readonly serves: boolean
  /** The peer makes its calls. */
  readonly calls: boolean
  /** Hex digits. Compared for equality. */
  readonly hash: string
}

/** @param role of this side in the contract */
export function wireContract(
  { name, version, hash }: ContractAnnouncement,
  role: 'serves' | 'calls',
): WireContract {
  return { name, version, roles: contractRoles[role], hash: bytesOfHex(hash) }
}

/** Copies what a frame has lent. */
export function announcedContract({ name, version, roles, hash }: WireContract): AnnouncedContract {
  return {
    name,
    version,
    serves: (roles & contractRoles.serves) !== 0,
    calls: (roles & contractRoles.calls) !== 0,
    hash: Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''),
  }
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
