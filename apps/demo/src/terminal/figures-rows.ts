import type { Colors } from '../colors.ts'
import type { FiguresRow, FiguresTable } from '../figures-contract.ts'
import { type FiguresColumn, figuresColumns, goneText, serverName, sumOf } from '../member/figures-columns.ts'
import { displayWidth, fitted } from './display-width.ts'

export interface FiguresRoom {
  /** No row is wider. */
  readonly width: number
  /** The largest number of rows. Default: no limit. */
  readonly rowsMax?: number
}

/** A row of the table before its columns are laid out. */
interface TextRow {
  readonly name: string
  /** A text that replaces the figures. */
  readonly gone?: string | undefined
  readonly texts: readonly string[]
  readonly paint: (text: string) => string
}

const gap = '  '
const plain = (text: string) => text

/**
 * Draws the figures as a table, with one row for each server and one for all. If not all servers fit, this shows those
 * with the most connections. If not all columns fit, it omits the less important ones.
 */
export function figuresRows(table: FiguresTable, room: FiguresRoom, colors: Colors): string[] {
  const { width, rowsMax = Number.POSITIVE_INFINITY } = room
  if (rowsMax < 2) return [fitted('The figures need a taller window.', width)].slice(0, rowsMax)
  const sum = sumOf(table)
  const shown = shownServers(table.servers, rowsMax - (sum === undefined ? 1 : 2))
  const more = table.servers.length - shown.length
  const heading = { name: 'server', texts: figuresColumns.map(({ title }) => title), paint: colors.dim }
  const servers = shown.flatMap((row) =>
    textRow(row, serverName(row, table, '*'), row.silentMs === undefined ? plain : colors.yellow),
  )
  const all = textRow(sum, more === 0 ? 'all' : `all ${table.servers.length}`, colors.bold)
  return layOut([heading, ...servers, ...all], width)
}

function textRow(row: FiguresRow | undefined, name: string, paint: TextRow['paint']): TextRow[] {
  if (row === undefined) return []
  return [{ name, gone: goneText(row), texts: figuresColumns.map(({ text }) => text(row)), paint }]
}

/** In the order of the table. */
function shownServers(servers: readonly FiguresRow[], most: number): readonly FiguresRow[] {
  if (servers.length <= most) return servers
  const busiest = [...servers].sort((one, other) => other.connections - one.connections).slice(0, most)
  return servers.filter((row) => busiest.includes(row))
}

/** Names at the left, figures below each other at the right of their columns. */
function layOut(rows: readonly TextRow[], width: number): string[] {
  const figures = rows.filter(({ gone }) => gone === undefined)
  const nameWidth = Math.max(...rows.map(({ name }) => displayWidth(name)))
  const widths = figuresColumns.map(({ width: least = 0 }, index) =>
    Math.max(least, ...figures.map(({ texts }) => displayWidth(texts[index] ?? ''))),
  )
  const columns = shownColumns(widths, width - nameWidth)
  return rows.map(({ name, gone, texts, paint }) => {
    const cells = columns.map((index) => padded(texts[index] ?? '', widths[index] ?? 0))
    const text = [name + ' '.repeat(nameWidth - displayWidth(name)), ...(gone === undefined ? cells : [gone])]
    return paint(fitted(text.join(gap), width).trimEnd())
  })
}

function padded(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text
}

/** The indices of the most important columns that there is room for. */
function shownColumns(widths: readonly number[], room: number): number[] {
  const byRank = [...figuresColumns.entries()].sort(([, one], [, other]) => one.rank - other.rank)
  const shown: number[] = []
  let left = room
  for (const [index] of byRank as readonly (readonly [number, FiguresColumn])[]) {
    left -= gap.length + (widths[index] ?? 0)
    if (left < 0) break
    shown.push(index)
  }
  return shown.sort((one, other) => one - other)
}
