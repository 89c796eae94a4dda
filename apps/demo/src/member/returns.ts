import type { Line, RoomState } from '../chat-contract.ts'
import { limits } from '../limits.ts'

/** What a member knew of its room before it was lost. */
export type KnownRoomState = Pick<RoomState, 'serverId' | 'historyId' | 'lastLineId'>

/** What a member finds who enters its room with a new session. */
export interface MissedLines {
  /** Lines that were said meanwhile, the oldest first. */
  readonly missed: readonly Line[]
  /** Says what happened. */
  readonly sentence: string
}

/** @param history the lines of the room that the server has */
export function returned(known: KnownRoomState, state: RoomState, history: readonly Line[]): MissedLines {
  const isSame = known.historyId === state.historyId
  const missed = isSame ? history.filter(({ id }) => id > known.lastLineId) : history
  const what = known.serverId === state.serverId ? 'You were away for too long' : 'The server has restarted'
  if (!isSame)
    return { missed, sentence: `${what}, and has forgotten what was said: lines may be missing here.` }
  if (state.forgottenLineId > known.lastLineId)
    return {
      missed,
      sentence: `${what}: more lines came meanwhile than its ${limits.historyLinesMax} last ones.`,
    }
  return { missed, sentence: `${what}: ${countOf(missed.length)} came meanwhile.` }
}

function countOf(lines: number): string {
  return lines === 0 ? 'no line' : lines === 1 ? '1 line' : `${lines} lines`
}
