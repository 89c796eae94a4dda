import { type Client, safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import type { chat, Line, RoomState } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import type { CallResult } from './patient-calls.ts'

/** A room as it was when a member entered it. */
export interface RoomEntry {
  readonly state: RoomState
  readonly history: readonly Line[]
}

/** Enters a room, and asks for its history. Nothing is shown before all of it is there, so that this can be done again. */
export async function enterRoom(
  client: Client<typeof chat>,
  wish: { readonly room: string; readonly name: string },
): Promise<CallResult<RoomEntry>> {
  const options = { deadlineMs: limits.callDeadlineMs }
  const joined = await safe(client.rooms.join(wish, options))
  if (!joined.ok) return joined
  const { lastLineId: upToLineId } = joined.data
  const history: Line[] = []
  try {
    for await (const line of client.rooms.history({ upToLineId }, options)) {
      history.push(line)
      if (history.length === limits.historyLinesMax) break
    }
  } catch (error) {
    if (RpcError.is(error)) return { ok: false, error }
    throw error
  }
  return { ok: true, data: { state: joined.data, history } }
}
