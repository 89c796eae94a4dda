import { isPlainObject } from '../checks/is-plain-object.ts'
import type { Contract } from './contract.ts'
import { type ContractOutlines, outlinesOf } from './outline.ts'

/** The procedure of the protocol itself that tells a peer what a contract looks like here. */
export const describeProcedure = 'frameport/describe'

/** What `frameport/describe` tells of one contract in one version. */
export interface ContractDescription {
  readonly contract: string
  readonly version: number
  /** Procedure path to fingerprint. */
  readonly procedures: Readonly<Record<string, string>>
  /** Event name to fingerprint. */
  readonly events: Readonly<Record<string, string>>
  /** Path of a procedure of clients to fingerprint. Empty from a peer that does not know any. */
  readonly clientProcedures: Readonly<Record<string, string>>
  /** Undefined from a peer that has only fingerprints. */
  readonly outlines: ContractOutlines | undefined
}

/** The contract as a peer may ask for it. */
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
 * What a peer answered to `frameport/describe`, if that has the right form. What has is still the peer's: the names in it are to be
 * cleaned before they are shown, and may be any names.
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
