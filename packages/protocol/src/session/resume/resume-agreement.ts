import type { PeerSettings } from '../../envelope/settings.ts'
import type { PeerInfo } from '../common/peer-info.ts'
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

/** Whether both sides keep enough of what they send. */
export function canResume(ownBytes: number, peerBytes: number): boolean {
  return ownBytes >= resumeBytesFloor && peerBytes >= resumeBytesFloor
}

/** Whether the peer of a new connection says of itself what it said before. */
export function saysTheSame(before: PeerInfo, now: PeerInfo): boolean {
  if (binding.some((name) => before.settings[name] !== now.settings[name])) return false
  const contracts = (peer: PeerInfo) =>
    peer.contracts.map(({ name, version, hash }) => `${name}@${version} ${hash}`).sort()
  return contracts(before).join('\n') === contracts(now).join('\n')
}
