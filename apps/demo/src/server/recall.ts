import { nameKey } from '../text-rules.ts'
import type { MemoryRow } from './memory.ts'
import type { Visitor } from './visitor.ts'

/** A member of a server that has ended. One identity has one name, and the other way round. */
export interface MemberRow {
  readonly name: string
  readonly room: string
  readonly by: string
}

/** The members whom the rows of a memory leave in the chat. */
export function recalled(rows: readonly MemoryRow[]): readonly MemberRow[] {
  const members = new Map<string, MemberRow>()
  for (const row of rows) {
    if (row.kind === 'in') {
      for (const [key, { by }] of members) if (by === row.by) members.delete(key)
      members.set(nameKey(row.name), row)
    } else if (row.kind === 'out') members.delete(nameKey(row.name))
  }
  return [...members.values()]
}

/** Rows from which a server can be recalled that has these members. */
export function stateRows(members: Iterable<Visitor>): MemoryRow[] {
  const rows: MemoryRow[] = [{ kind: 'members', version: 1 }]
  for (const { name, room, identity: by } of members) {
    if (name !== undefined && room !== undefined) rows.push({ kind: 'in', room: room.name, name, by })
  }
  return rows
}
