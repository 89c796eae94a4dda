import type { AnnouncedContract } from '../../envelope/contract-announcement.ts'
import type { PeerSettings } from '../../envelope/settings.ts'
import { resumeBytesFloor } from '../common/session-limits.ts'

/** What a session goes by; the others say what a side does for itself. */
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

/** What one side says of itself in a handshake, and has to say again when its session is to go on. */
export interface Announced {
  readonly settings: Pick<PeerSettings, (typeof binding)[number]>
  readonly contracts: readonly Pick<AnnouncedContract, 'name' | 'version' | 'hash'>[]
}

/** Whether both sides keep enough of what they send. */
export function canResume(ownBytes: number, peerBytes: number): boolean {
  return ownBytes >= resumeBytesFloor && peerBytes >= resumeBytesFloor
}

/** What a side says otherwise than before, for people; undefined when that is nothing that binds. */
export function differenceOf(before: Announced, now: Announced): string | undefined {
  const name = binding.find((each) => before.settings[each] !== now.settings[each])
  if (name !== undefined) return `${name} ${now.settings[name]} instead of ${before.settings[name]}`
  return contractsOf(before) === contractsOf(now) ? undefined : 'other contracts'
}

/** Whether a server says the same as before of what its client asks for. */
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
