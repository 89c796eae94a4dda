import type { Roster } from './roster.ts'
import type { RosterMember } from './roster-member.ts'

/**
 * The names of the members of a room, including those who are away. Sorted, so that every terminal shows the same list.
 */
export function membersOf(roster: Roster, roomKey: string): string[] {
  return sorted(inRoom(roster, roomKey))
}

export function awayOf(roster: Roster, roomKey: string): string[] {
  return sorted(inRoom(roster, roomKey).filter(({ isAway }) => isAway))
}

function inRoom(roster: Roster, roomKey: string): RosterMember[] {
  return [...(roster.room(roomKey)?.members.values() ?? [])]
}

function sorted(members: readonly RosterMember[]): string[] {
  return members.map(({ name }) => name).sort((one, other) => one.localeCompare(other, 'en'))
}
