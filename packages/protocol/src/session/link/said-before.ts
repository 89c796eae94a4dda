import type { AnnouncedContract } from '../../envelope/contract-announcement.ts'
import type { PeerSettings } from '../../envelope/settings.ts'

/*
 * The announcement of the previous peer. The clients of one program announce the same, and a server with thousands of
 * them stores it once. It is frozen, because all such sessions share it.
 */
let settingsBefore: PeerSettings | undefined
let contractsBefore: readonly AnnouncedContract[] = Object.freeze([])

/** @returns the settings of the previous peer, if they are the same */
export function sharedSettings(said: PeerSettings): PeerSettings {
  if (settingsBefore === undefined || !isSame(said, settingsBefore)) settingsBefore = Object.freeze(said)
  return settingsBefore
}

/** @returns the contracts of the previous peer, if they are the same in the same order */
export function sharedContracts(said: readonly AnnouncedContract[]): readonly AnnouncedContract[] {
  const before = contractsBefore
  const areSame =
    said.length === before.length &&
    said.every((contract, index) => isSame(contract, before[index] as AnnouncedContract))
  if (!areSame) contractsBefore = Object.freeze(said.map((contract) => Object.freeze(contract)))
  return contractsBefore
}

/** Compares two objects with the same members. */
function isSame<Said extends object>(one: Said, other: Said): boolean {
  return (Object.keys(one) as (keyof Said)[]).every((name) => one[name] === other[name])
}
