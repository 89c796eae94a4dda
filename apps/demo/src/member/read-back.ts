import { type Client, safe } from '@frameport/client'
import type { chat, HistoryPage, LinePlace } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import type { CallResult } from './patient-calls.ts'

/** Lines of a history, and whether they follow the known lines without a gap. */
export interface ReadHistory extends HistoryPage {
  /** No line is missing between the known place and the first of these. */
  readonly isWhole: boolean
}

type HistoryClient = { readonly rooms: Pick<Client<typeof chat>['rooms'], 'history'> }

/** Reads the newest lines of the room; with a place, all lines that came after it, up to a limit. */
export async function readBack(
  client: HistoryClient,
  known: LinePlace | undefined,
): Promise<CallResult<ReadHistory>> {
  const options = { deadlineMs: limits.callDeadlineMs }
  const newest = await safe(client.rooms.history({}, options))
  if (!newest.ok) return newest
  let { log, lines, isStart } = newest.data
  if (known === undefined || known.log !== log)
    return { ok: true, data: { log, lines, isStart, isWhole: false } }
  const joinsOn = () => lines.some(({ number }) => number <= known.number)
  while (!joinsOn() && !isStart && lines.length < limits.missedLinesMax) {
    const [first] = lines
    if (first === undefined) break
    const page = await safe(client.rooms.history({ before: { log, number: first.number } }, options))
    if (!page.ok) return page
    // The log was replaced between two pages, so only the new log counts.
    if (page.data.log !== log) return { ok: true, data: { ...page.data, isWhole: false } }
    lines = [...page.data.lines, ...lines]
    isStart = page.data.isStart
  }
  // If no line of the room was known, everything is new. If the known line is gone, it was deleted, perhaps with later
  // ones.
  const isWhole = joinsOn() || (isStart && known.number === 0)
  return { ok: true, data: { log, lines, isStart, isWhole } }
}
