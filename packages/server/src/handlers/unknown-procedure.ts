import type { RpcError } from '@frameport/protocol'
import { nearestName } from '@frameport/protocol/checks'
import { errorWithoutStack } from '@frameport/protocol/contract'
import { type ContractAnnouncement, peerText } from '@frameport/protocol/envelope'

/** Characters of a name that is quoted: a line, and no real name of a procedure is much longer. */
const nameLengthShown = 80

/** What a server can say of a procedure that it does not have. */
export interface ProcedureNames {
  readonly announcements: readonly ContractAnnouncement[]
  /** As they are on the wire. */
  procedures(): Iterable<string>
  /** Whether a hint may be looked for: its work is done for whoever calls, and is far more than the rest of a refusal. */
  mayHint(): boolean
}

export function unknownProcedure(name: string, known: ProcedureNames): RpcError {
  const hint = known.mayHint() ? hintFor(name, known) : ''
  const shown = JSON.stringify(peerText(name, nameLengthShown))
  return errorWithoutStack('UNIMPLEMENTED', `This server has no procedure ${shown}.${hint}`)
}

/** @param name of the event, as it is on the wire */
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

/** Which versions of the contract there are, when the one that was called is not among them. */
function versionHint(name: string, announcements: readonly ContractAnnouncement[]): string | undefined {
  const [, contract, version] = /^([^@/]+)@(\d+)\//.exec(name) ?? []
  const versions = announcements.filter((served) => served.name === contract).map((served) => served.version)
  if (versions.length === 0 || versions.includes(Number(version))) return undefined
  return ` It serves ${contract} in version ${versions.join(', ')}: client and server have different versions of it.`
}
