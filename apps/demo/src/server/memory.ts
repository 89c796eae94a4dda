import * as z from 'zod'
import { Name, Room } from '../contract-parts.ts'

const Identity = z.string().max(64)

/** A change of who is in the chat, or a part of that. Lines are in a log. */
export const MemoryRow = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('members'), version: z.literal(1) }),
  /** Somebody is in this room from now on. */
  z.object({ kind: z.literal('in'), room: Room, name: Name, by: Identity }),
  /** Somebody is not in the chat any more. */
  z.object({ kind: z.literal('out'), name: Name }),
])
export type MemoryRow = z.infer<typeof MemoryRow>

/** What a server keeps of its members for the one that is started after it. */
export interface Memory {
  /** What the server before has kept, oldest first. */
  readonly rows: readonly MemoryRow[]
  /** Keeps a change before anybody is told of it. `state` gives rows that make up everything, this change included. */
  keep(change: MemoryRow, state: () => readonly MemoryRow[]): void
}

/** For a server that forgets. */
export function noMemory(): Memory {
  return { rows: [], keep: () => {} }
}
