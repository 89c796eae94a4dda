import { nameKey } from '../text-rules.ts'
import type { MemoryRow } from './memory.ts'
import type { Room, Rooms } from './rooms.ts'
import type { Speakers } from './speakers.ts'
import type { Visitor } from './visitor.ts'

/** What a server was that has ended. */
export interface MemoryState {
  readonly lastLineId: number
  /** Who was there. One identity has one name, and the other way round. */
  readonly members: readonly { readonly name: string; readonly room: Room; readonly by: string }[]
}

/** Fills rooms, and the numbers of their speakers, with what was kept. */
export function recalled(rows: readonly MemoryRow[], rooms: Rooms, speakers: Speakers): MemoryState {
  let lastLineId = 0
  const members = new Map<string, { name: string; room: string; by: string }>()
  for (const row of rows) {
    if (row.kind === 'forgotten') {
      rooms.restoreForgotten(row.lineId)
      lastLineId = Math.max(lastLineId, row.lineId)
    } else if (row.kind === 'room') {
      rooms.restored(row.room, row.forgottenLineId)
      lastLineId = Math.max(lastLineId, row.forgottenLineId)
    } else if (row.kind === 'line') {
      rooms.restored(row.room, rooms.forgottenLineId).keep(row)
      speakers.said(row.by, row.number, row.line.id)
      lastLineId = Math.max(lastLineId, row.line.id)
    } else if (row.kind === 'in') {
      for (const [key, { by }] of members) if (by === row.by) members.delete(key)
      members.set(nameKey(row.name), row)
    } else if (row.kind === 'out') members.delete(nameKey(row.name))
  }
  return {
    lastLineId,
    members: [...members.values()].map((member) => ({
      ...member,
      room: rooms.restored(member.room, rooms.forgottenLineId),
    })),
  }
}

/** Rows from which a server can be recalled that is in this state. */
export function stateRows(historyId: string, rooms: Rooms, members: Iterable<Visitor>): MemoryRow[] {
  const rows: MemoryRow[] = [
    { kind: 'history', version: 1, id: historyId },
    { kind: 'forgotten', lineId: rooms.forgottenLineId },
  ]
  for (const { name: room, history } of rooms.all) {
    rows.push({ kind: 'room', room, forgottenLineId: history.forgottenLineId })
    for (const kept of history.all) rows.push({ kind: 'line', room, ...kept })
  }
  for (const { name, room, identity: by } of members) {
    if (name !== undefined && room !== undefined) rows.push({ kind: 'in', room: room.name, name, by })
  }
  return rows
}
