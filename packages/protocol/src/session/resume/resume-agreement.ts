import type { AnnouncedContract } from '../../envelope/contract-announcement.ts'
import type { PeerSettings } from '../../envelope/settings.ts'
import { resumeBytesFloor } from '../common/session-limits.ts'

/** The settings on which both sides of a session rely. The other settings only concern the side that has them. */
const binding = [
  'frameBytesMax',
  'bodyBytesMax',
  'bodiesPartialBytesMax',
  'callsInFlightMax',
  'metadataEntriesMax',
  'metadataBytesMax',
  'uploadItems',
  'uploadBytes',
  'resumeBytes',
] as const satisfies readonly (keyof PeerSettings)[]

/** The announcement of one side in a handshake. It must be the same to resume its session. */
export interface Announced {
  readonly settings: Pick<PeerSettings, (typeof binding)[number]>
  readonly contracts: readonly Pick<AnnouncedContract, 'name' | 'version' | 'hash'>[]
}

/** Whether both sides keep enough of their sent data. */
export function canResume(ownBytes: number, peerBytes: number): boolean {
  return ownBytes >= resumeBytesFloor && peerBytes >= resumeBytesFloor
}

/** Returns a text about the changes of a side's announcement; undefined if none matters to the session. */
export function differenceOf(before: Announced, now: Announced): string | undefined {
  const name = binding.find((each) => before.settings[each] !== now.settings[each])
  if (name !== undefined) return `${name} ${now.settings[name]} instead of ${before.settings[name]}`
  return contractsOf(before) === contractsOf(now) ? undefined : 'other contracts'
}

/** Whether a server announces the same as before about the contracts that its client requests. */
export function offersTheSame(before: Announced, now: Announced, asked: Announced['contracts']): boolean {
  const names = new Set(asked.map(({ name }) => name))
  const offered = ({ settings, contracts }: Announced) => ({
    settings,
    contracts: contracts.filter(({ name }) => names.has(name)),
  })
  return differenceOf(offered(before), offered(now)) === undefined
}

function contractsOf({ contracts }: Announced): string {
  return contracts
    .map(({ name, version, hash }) => `${name}@${version} ${hash}`)
    .sort()
    .join('\n')
}
