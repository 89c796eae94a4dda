import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { Line } from '../chat-contract.ts'
import { Name, Room } from '../contract-parts.ts'

const Identity = z.string().max(64)
const LineId = z.int().nonnegative()

/** A change of the chat that outlives the server, or a part of its state. */
export const MemoryRow = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('history'), version: z.literal(1), id: z.string().min(1).max(64) }),
  /** Rooms are forgotten up to this line. */
  z.object({ kind: z.literal('forgotten'), lineId: LineId }),
  /** A room, and the newest line that its history has lost. The one that was unused longest comes first. */
  z.object({ kind: z.literal('room'), room: Room, forgottenLineId: LineId }),
  z.object({
    kind: z.literal('line'),
    room: Room,
    line: Line,
    by: Identity,
    number: z.int().positive().optional(),
  }),
  /** Somebody is in this room from now on. */
  z.object({ kind: z.literal('in'), room: Room, name: Name, by: Identity }),
  /** Somebody is not in the chat any more. */
  z.object({ kind: z.literal('out'), name: Name }),
])
export type MemoryRow = z.infer<typeof MemoryRow>

/** What a server keeps for the one that is started after it. */
export interface Memory {
  /** The same for every server of this history. */
  readonly historyId: string
  /** What the server before has kept, oldest first. */
  readonly rows: readonly MemoryRow[]
  /** Keeps a change before anybody is told of it. `state` gives rows that make up everything, this change included. */
  keep(change: MemoryRow, state: () => readonly MemoryRow[]): void
}

/** For a server that forgets. */
export function noMemory(): Memory {
  return { historyId: randomUUID(), rows: [], keep: () => {} }
}
