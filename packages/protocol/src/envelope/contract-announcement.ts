import { contractRoles, contractRolesMax } from './kinds.ts'
import type { WireContract } from './link-envelopes.ts'

/** A contract of this side, as the handshake announces it and `frameport/describe` describes it. */
export interface ContractAnnouncement {
  /** The name of the contract. */
  readonly name: string
  /** The version of the contract. */
  readonly version: number
  /** The fingerprint of each procedure by its path (`files.put`). */
  readonly fingerprints: Readonly<Record<string, string>>
  /** The fingerprint of each event by its name (`line`). */
  readonly eventFingerprints: Readonly<Record<string, string>>
  /** The fingerprint of each procedure of clients by its path. */
  readonly clientFingerprints: Readonly<Record<string, string>>
  /** A hash of all fingerprints, in 2 to 64 hex digits. Equal hashes mean equal contracts. */
  readonly hash: string
}

/** A contract that this side announces in a handshake. */
export interface OwnContract extends ContractAnnouncement {
  /**
   * Whether both sides make calls and answer calls of the contract. Default: false; clients call, and servers answer.
   */
  readonly isBothWays?: boolean | undefined
}

/** A contract that the peer announced. */
export interface AnnouncedContract {
  /** The name of the contract. */
  readonly name: string
  /** The version of the contract. */
  readonly version: number
  /** Whether the peer answers its calls. */
  readonly serves: boolean
  /** Whether the peer makes its calls. */
  readonly calls: boolean
  /** The hash of the contract in hex digits, to be compared for equality. */
  readonly hash: string
}

/** @param role of this side in the contract, unless both sides have both roles */
export function wireContract(
  { name, version, hash, isBothWays }: OwnContract,
  role: 'serves' | 'calls',
): WireContract {
  const roles = isBothWays === true ? contractRolesMax : contractRoles[role]
  return { name, version, roles, hash: bytesOfHex(hash) }
}

/** Copies the parts that a frame has lent. */
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
