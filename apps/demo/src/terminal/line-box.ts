import { displayWidth } from './display-width.ts'
import { layOut } from './line-layout.ts'

/** The contents of the input line of a screen. */
export interface LineBoxFacts {
  readonly columns: number
  readonly rows: number
  /** The rows above the line, the most important one last. Each is cut to the width. */
  readonly above: readonly string[]
  readonly prompt: string
  /** The prompt in its colours. */
  readonly paintedPrompt: string
  readonly line: string
  readonly cursor: number
}

export interface LineBox {
  /** The bytes that draw it, from the beginning of the row with the cursor. */
  readonly drawn: string
  /** Rows of it above the one in which it leaves the cursor. */
  readonly rowsAbove: number
}

const [wrapOff, wrapOn] = ['\u001b[?7l', '\u001b[?7h']

/** How many rows there is room for above the line, the status among them: a quarter of the terminal. */
export function rowsAboveMax(rows: number): number {
  return rows > 2 ? Math.max(1, Math.floor(rows / 4)) : 0
}

/**
 * Draws the status with the other rows above the line, and the line being typed. Terminals disagree about the width of
 * some graphemes. Therefore each row is divided here and may not wrap, so that the number of rows is the same
 * everywhere, and what stands before the cursor is printed last, so that the cursor is where this terminal thinks it
 * is. Of a long line only the rows around the cursor are drawn: rows that scrolled away could not be erased, and a
 * third of the terminal is left to the chat.
 */
export function drawLineBox(facts: LineBoxFacts): LineBox {
  const { columns, prompt, paintedPrompt, line, cursor } = facts
  const { rows, cursorRow, beforeCursor } = layOut(prompt, line, cursor, columns)
  const aboveMax = rowsAboveMax(facts.rows)
  const above = aboveMax === 0 ? [] : facts.above.slice(-aboveMax)
  const height = Math.max(1, Math.floor((facts.rows * 2) / 3) - above.length)
  const first = Math.max(0, Math.min(cursorRow - Math.floor(height / 2), rows.length - height))
  const window = rows.slice(first, first + height)
  const painted = (row: string) => (row.startsWith(prompt) ? paintedPrompt + row.slice(prompt.length) : row)
  if (first === 0) window[0] = painted(window[0] ?? '')
  const cursorAt = cursorRow - first
  const up = window.length - 1 - cursorAt
  const atEnd = up === 0 && displayWidth(beforeCursor) === displayWidth(rows.at(-1) ?? '')
  const again = first === 0 && cursorRow === 0 ? painted(beforeCursor) : beforeCursor
  const back = atEnd ? '' : `\r${up === 0 ? '' : `\u001b[${up}A`}${again}`
  return {
    drawn: wrapOff + [...above, ...window].join('\r\n') + back + wrapOn,
    rowsAbove: above.length + cursorAt,
  }
}
