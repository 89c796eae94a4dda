import type { SessionKey } from './roster-change.ts'

/** A member of a room. */
export interface RosterMember {
  readonly by: string
  readonly session: SessionKey
  readonly name: string
  /** The key of the room. */
  readonly room: string
  readonly isAway: boolean
  /** When that began. */
  readonly awayAtMs?: number | undefined
  /** The number of the change by which this session came into its room. */
  readonly since: number
}

export interface RosterRoom {
  /** As the first member wrote it. */
  readonly name: string
  /** By identity, in the order of their coming. */
  readonly members: ReadonlyMap<string, RosterMember>
}
