import { stripVTControlCharacters } from 'node:util'
import { neutralisedParts } from '../safe-text.ts'
import { displayWidth } from './display-width.ts'
import { graphemes } from './graphemes.ts'

/** The line being typed, in the rows that a terminal shows it in. */
export interface LaidOutLine {
  /** Without characters that a terminal would interpret. The last row is empty if the cursor is after a full row. */
  readonly rows: readonly string[]
  readonly cursorRow: number
  /** The text before the cursor in its row. */
  readonly beforeCursor: string
}

/** Divides a prompt and a line, with the cursor at an index of it, into rows of `columns` columns. */
export function layOut(prompt: string, line: string, cursor: number, columns: number): LaidOutLine {
  const behind = shown(line, cursor)
  const rows = divided(prompt + behind.text, columns)
  const last = rows.at(-1) ?? ''
  if (behind.cursor === behind.text.length && displayWidth(last) >= columns) rows.push('')
  let left = prompt.length + behind.cursor
  for (const [index, row] of rows.entries()) {
    // Between two rows, the cursor is at the beginning of the second.
    if (left < row.length || index === rows.length - 1) {
      return { rows, cursorRow: index, beforeCursor: row.slice(0, left) }
    }
    left -= row.length
  }
  return { rows, cursorRow: rows.length - 1, beforeCursor: last }
}

/** How many rows of a terminal this text takes. Its colours take none. */
export function rowsOf(text: string, columns: number): number {
  return divided(stripVTControlCharacters(text), columns).length
}

/** The line without characters that a terminal would interpret, and the place of the cursor in it. */
function shown(line: string, cursor: number): { readonly text: string; readonly cursor: number } {
  const parts = neutralisedParts(line)
  const before = [...line.slice(0, cursor)].length
  return { text: parts.join(''), cursor: parts.slice(0, before).join('').length }
}

/** A grapheme that does not fit in what is left of a row begins the next one. */
function divided(text: string, columns: number): string[] {
  const rows: string[] = []
  let row = ''
  let used = 0
  for (const grapheme of graphemes(text)) {
    const width = displayWidth(grapheme)
    if (used + width > columns && row !== '') {
      rows.push(row)
      row = ''
      used = 0
    }
    row += grapheme
    used += width
  }
  rows.push(row)
  return rows
}
