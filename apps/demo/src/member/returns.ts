import type { HistoryPage, LinePlace, RoomState } from '../chat-contract.ts'
import type { ReadHistory } from './read-back.ts'

/** What a member knew of its room before it was lost. */
export interface KnownRoomState extends LinePlace {
  readonly serverId: string
}

/** The result for a member that enters its room in a new session. */
export interface MissedLines {
  /** Lines that were said meanwhile, the oldest first. */
  readonly missed: HistoryPage['lines']
  /** Describes what happened. */
  readonly sentence: string
}

/** @param history the lines since then, as far as the server has them */
export function returned(
  known: KnownRoomState,
  { serverId, hasOthers }: Pick<RoomState, 'serverId' | 'hasOthers'>,
  { log, lines, isWhole }: ReadHistory,
): MissedLines {
  const isSame = known.log === log
  const missed = isSame ? lines.filter(({ number }) => number > known.number) : lines
  const isOther = known.serverId !== serverId
  const another = hasOthers
    ? 'Your server has restarted, or another one has taken over'
    : 'The server has restarted'
  const what = isOther ? another : 'You were away for too long'
  if (!isSame)
    return { missed, sentence: `${what}. The server now has a different log, so lines may be missing here.` }
  if (!isWhole)
    return { missed, sentence: `${what}: only the last ${missed.length} of the missed lines follow.` }
  return { missed, sentence: `${what}: ${countOf(missed.length)} came meanwhile.` }
}

function countOf(lines: number): string {
  return lines === 0 ? 'no line' : lines === 1 ? '1 line' : `${lines} lines`
}
