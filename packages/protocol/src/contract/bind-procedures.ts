import { describeValue } from '../checks/check-value.ts'
import { isPlainObject } from '../checks/is-plain-object.ts'
import type { CallKind } from '../envelope/call-kind.ts'
import { nameBytesMax } from '../envelope/envelope-limits.ts'
import { checkProcedure, isProcedure } from './check-procedure.ts'
import { contractLimits } from './contract-limits.ts'
import { type FingerprintOptions, fingerprintOf } from './fingerprint.ts'
import { callKindOf } from './kind-of-call.ts'
import { checkMemberName, invalidContract } from './names.ts'
import type { Procedure, ProcedureGroup, ProcedureMark } from './procedure.ts'

/** A procedure of a contract with its names. */
export interface ProcedureEntry {
  /** The names joined by dots: `files.put`. */
  readonly path: string
  /** The name for people: `chat/files.put`. */
  readonly fullName: string
  /** The name on the wire, with the version of the contract: `chat@2/files.put`. */
  readonly wireName: string
  /** The procedure itself. */
  readonly procedure: Procedure
  /** The kind of call that it declares. */
  readonly callKind: CallKind
  /** Changes when the values that are sent change. See `fingerprintOf`. */
  readonly fingerprint: string
}

export interface BoundProcedures {
  readonly procedures: ProcedureGroup
  readonly entries: ReadonlyMap<string, ProcedureEntry>
}

/** For a contract without procedures of a kind. */
export const noProcedures: BoundProcedures = Object.freeze({
  procedures: Object.freeze({}),
  entries: new Map(),
})

/**
 * The procedures of a contract, in their groups and by their paths.
 *
 * @throws ProtocolError INVALID_CONTRACT
 */
export function bindProcedures(
  contractName: string,
  group: ProcedureGroup,
  options: FingerprintOptions & {
    /** The side that is called. Default: the server. */
    readonly of?: 'clients'
  },
): BoundProcedures {
  const entries = new Map<string, ProcedureEntry>()
  const place = `${options.of === 'clients' ? 'clientProcedures of ' : ''}contract ${contractName}`
  const procedures = copyGroup(group, [], place, (path, procedure) => {
    entries.set(path, entryOf(contractName, path, procedure, options))
  })
  if (entries.size > contractLimits.proceduresMax) {
    throw invalidContract(
      `Contract ${contractName} has ${entries.size} procedures, and the limit is ${contractLimits.proceduresMax}: ` +
        'split it; one server can serve several contracts.',
    )
  }
  return { procedures, entries }
}

function entryOf(
  contractName: string,
  path: string,
  procedure: Procedure,
  options: FingerprintOptions,
): ProcedureEntry {
  const fullName = `${contractName}/${path}`
  const wireName = `${contractName}@${options.contractVersion}/${path}`
  checkProcedure(procedure, fullName)
  const fingerprint = fingerprintOf(procedure, options)
  const callKind = callKindOf(procedure)
  if (utf8.encode(wireName).length > nameBytesMax) {
    throw invalidContract(`${fullName} is over ${nameBytesMax} bytes long: shorten its names.`)
  }
  return { path, fullName, wireName, procedure, callKind, fingerprint }
}

const utf8 = new TextEncoder()

/** Returns a frozen copy, so that no user's object changes, and each contract has its own groups. */
function copyGroup(
  group: ProcedureGroup,
  path: readonly string[],
  place: string,
  add: (path: string, procedure: Procedure) => void,
): ProcedureGroup {
  if (!isPlainObject(group)) {
    throw invalidContract(
      `${capitalised(place)} must be an object of procedures and groups, not ${describeValue(group)}: make a procedure with procedure({ input, output }).`,
    )
  }
  if (path.length > contractLimits.groupDepthMax) {
    throw invalidContract(
      `${capitalised(place)} is more than ${contractLimits.groupDepthMax} groups deep: flatten it.`,
    )
  }
  const names = Object.keys(group)
  if (names.length === 0) {
    throw invalidContract(`${capitalised(place)} has no procedures: give it one, or leave the group out.`)
  }
  const copy: Record<string, ProcedureMark | ProcedureGroup> = {}
  for (const name of names) {
    const member = group[name]!
    const memberPath = [...path, name]
    checkMemberName(name, isProcedure(member) ? 'procedure' : 'group', place)
    if (isProcedure(member)) {
      add(memberPath.join('.'), member)
      copy[name] = member
    } else {
      copy[name] = copyGroup(member as ProcedureGroup, memberPath, `group ${memberPath.join('.')}`, add)
    }
  }
  return Object.freeze(copy)
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
