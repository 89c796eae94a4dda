import { type Client, safe } from '@frameport/client'
import type { chat, LinePlace, RoomState } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import type { CallFailure } from './failures.ts'
import type { CallResult } from './patient-calls.ts'
import { type ReadHistory, readBack } from './read-back.ts'

/** A room as it was when a member entered it. */
export interface RoomEntry {
  readonly state: RoomState
  readonly history: ReadHistory
}

export interface RoomWish {
  readonly room: string
  readonly name: string
  /** Subscribes to the lines of the room. Settles with the failure when the server does not let it. */
  readonly hearLines: () => Promise<CallFailure | undefined>
  /** The last line that a returning member has seen in this room. */
  readonly known?: LinePlace | undefined
}

/**
 * Enters a room, subscribes to its lines, and then reads its history: each line is in the history, arrives as an event,
 * or both, which its number shows. Nothing is shown until everything has arrived, so that this can be repeated.
 */
export async function enterRoom(
  client: Client<typeof chat>,
  { room, name, hearLines, known }: RoomWish,
): Promise<CallResult<RoomEntry>> {
  const joined = await safe(client.rooms.join({ room, name }, { deadlineMs: limits.callDeadlineMs }))
  if (!joined.ok) return joined
  const refused = await hearLines()
  if (refused !== undefined) return { ok: false, error: refused }
  const history = await readBack(client, known)
  return history.ok ? { ok: true, data: { state: joined.data, history: history.data } } : history
}
