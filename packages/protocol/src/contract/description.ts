import { isPlainObject } from '../checks/is-plain-object.ts'
import type { Contract } from './contract.ts'
import { type ContractOutlines, outlinesOf } from './outline.ts'

/** The name of the procedure with which a side asks its peer for the fingerprints and outlines of a contract. */
export const describeProcedure = 'frameport/describe'

/** The answer of `frameport/describe` for one version of a contract. */
export interface ContractDescription {
  /** The name of the contract. */
  readonly contract: string
  /** The version of the contract. */
  readonly version: number
  /** The fingerprint of each procedure by its path. */
  readonly procedures: Readonly<Record<string, string>>
  /** The fingerprint of each event by its name. */
  readonly events: Readonly<Record<string, string>>
  /** The fingerprint of each procedure of clients by its path. Empty if the peer does not send any. */
  readonly clientProcedures: Readonly<Record<string, string>>
  /** The hashes of the single members; undefined if the peer sends only fingerprints. */
  readonly outlines: ContractOutlines | undefined
}

/** Returns the description of a contract of this side. */
export function describedContract(contract: Contract): ContractDescription {
  const { name, version, announcement } = contract
  const { fingerprints, eventFingerprints, clientFingerprints } = announcement
  return {
    contract: name,
    version,
    procedures: fingerprints,
    events: eventFingerprints,
    clientProcedures: clientFingerprints,
    outlines: outlinesOf(contract),
  }
}

/**
 * Checks the form of an answer to `frameport/describe`; returns undefined for another form. The names in it still
 * come from the peer: they may be any strings, and must be cleaned with `peerText` before they are shown.
 */
export function readDescription(value: unknown): ContractDescription | undefined {
  if (!isPlainObject(value)) return undefined
  const { contract, version, procedures, events, clientProcedures = {}, outlines } = value
  if (typeof contract !== 'string' || typeof version !== 'number') return undefined
  if (!isRecordOf(procedures, isText) || !isRecordOf(events, isText)) return undefined
  if (!isRecordOf(clientProcedures, isText)) return undefined
  return {
    contract,
    version,
    procedures,
    events,
    clientProcedures,
    outlines: readOutlines(outlines),
  }
}

function readOutlines(value: unknown): ContractOutlines | undefined {
  if (!isPlainObject(value)) return undefined
  const { procedures, events, clientProcedures = {} } = value
  const areOutlines = [procedures, events, clientProcedures].every((record) =>
    isRecordOf(record, (one) => isRecordOf(one, isText)),
  )
  return areOutlines ? ({ procedures, events, clientProcedures } as unknown as ContractOutlines) : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isRecordOf<Value>(
  value: unknown,
  isValue: (one: unknown) => one is Value,
): value is Readonly<Record<string, Value>>
function isRecordOf(
  value: unknown,
  isValue: (one: unknown) => boolean,
): value is Readonly<Record<string, never>>
function isRecordOf(value: unknown, isValue: (one: unknown) => boolean): boolean {
  return isPlainObject(value) && Object.values(value).every(isValue)
}
