import { contractRoles, contractRolesMax } from './kinds.ts'
import type { WireContract } from './link-envelopes.ts'

/** A contract of this side, as it is announced and described. */
export interface ContractAnnouncement {
  readonly name: string
  readonly version: number
  /** Procedure path (`files.put`) to fingerprint. */
  readonly fingerprints: Readonly<Record<string, string>>
  /** Event name (`line`) to fingerprint. */
  readonly eventFingerprints: Readonly<Record<string, string>>
  /** Path of a procedure of clients to fingerprint. */
  readonly clientFingerprints: Readonly<Record<string, string>>
  /** Stands for all of that: equal hashes mean equal contracts. Hex digits, 2 to 64 of them. */
  readonly hash: string
}

/** A contract of this side in a handshake. */
export interface OwnContract extends ContractAnnouncement {
  /** Both sides make calls of it and answer calls of it. Default: clients call, servers answer. */
  readonly isBothWays?: boolean | undefined
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

/** @param role of this side in the contract, unless that goes both ways */
export function wireContract(
  { name, version, hash, isBothWays }: OwnContract,
  role: 'serves' | 'calls',
): WireContract {
  const roles = isBothWays === true ? contractRolesMax : contractRoles[role]
  return { name, version, roles, hash: bytesOfHex(hash) }
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
