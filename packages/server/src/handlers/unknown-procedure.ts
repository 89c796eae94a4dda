import type { RpcError } from '@frameport/protocol'
import { nearestName } from '@frameport/protocol/checks'
import { errorWithoutStack } from '@frameport/protocol/contract'
import { type ContractAnnouncement, peerText } from '@frameport/protocol/envelope'

/** The number of characters of a name that are quoted: one line, which fits almost every procedure name. */
const nameLengthShown = 80

/** The names that a server uses to describe an unknown procedure. */
export interface ProcedureNames {
  readonly announcements: readonly ContractAnnouncement[]
  /** The wire names. */
  procedures(): Iterable<string>
  /** Whether to search for a hint: any caller can cause that work, which costs far more than the rest of a refusal. */
  mayHint(): boolean
}

export function unknownProcedure(name: string, known: ProcedureNames): RpcError {
  const hint = known.mayHint() ? hintFor(name, known) : ''
  const shown = JSON.stringify(peerText(name, nameLengthShown))
  return errorWithoutStack('UNIMPLEMENTED', `This server has no procedure ${shown}.${hint}`)
}

/** @param name the wire name of the event */
export function unknownEvent(
  name: string,
  known: Pick<ProcedureNames, 'announcements' | 'mayHint'>,
): RpcError {
  const hint = known.mayHint() ? (versionHint(name, known.announcements) ?? '') : ''
  const shown = JSON.stringify(peerText(name, nameLengthShown))
  return errorWithoutStack('UNIMPLEMENTED', `This server has no event ${shown}.${hint}`)
}

function hintFor(name: string, { announcements, procedures }: ProcedureNames): string {
  const versions = versionHint(name, announcements)
  if (versions !== undefined) return versions
  const near = nearestName(name, procedures())
  return near === undefined ? '' : ` Did you mean ${near}?`
}

/** Lists the available versions of the contract, if the called version is not among them. */
function versionHint(name: string, announcements: readonly ContractAnnouncement[]): string | undefined {
  const [, contract, version] = /^([^@/]+)@(\d+)\//.exec(name) ?? []
  const versions = announcements.filter((served) => served.name === contract).map((served) => served.version)
  if (versions.length === 0 || versions.includes(Number(version))) return undefined
  return ` It serves ${contract} in version ${versions.join(', ')}: client and server have different versions of it.`
}
