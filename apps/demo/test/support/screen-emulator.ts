import unicode11 from '@xterm/addon-unicode11'
import xterm from '@xterm/headless'

const { Terminal } = xterm
const { Unicode11Addon } = unicode11
type Addon = Parameters<InstanceType<typeof Terminal>['loadAddon']>[0]

/** Adjacent characters of a row with the same style. */
export interface StyledRun {
  readonly column: number
  readonly columns: number
  readonly text: string
  /** One of the 16 colours of a terminal, or undefined for plain text. */
  readonly colour: number | undefined
  readonly isBold: boolean
  readonly isDim: boolean
}

/**
 * The terminal emulator of VS Code, without a window. Like many terminals, it treats each part of a joined emoji as a
 * separate character, and disagrees with the chat about its width.
 */
export class ScreenEmulator {
  readonly #terminal

  constructor(columns: number, rows = 24) {
    this.#terminal = new Terminal({ cols: columns, rows, scrollback: 5_000, allowProposedApi: true })
    // Its types are those for a terminal in a browser.
    this.#terminal.loadAddon(new Unicode11Addon() as unknown as Addon)
    this.#terminal.unicode.activeVersion = '11'
  }

  /** Settles when the emulator has handled the text. Texts are handled in order. */
  write(text: string): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(text, resolve))
  }

  /** Changes the size of the window. All rows wrap again, except the row of the cursor. */
  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows)
  }

  get columns(): number {
    return this.#terminal.cols
  }

  /** All rows, including those that have scrolled away, without trailing blanks and empty rows at the end. */
  get rows(): string[] {
    return this.#rowsFrom(0)
  }

  /** The rows that the window shows. */
  get visibleRows(): string[] {
    return this.#rowsFrom(this.#terminal.buffer.active.baseY)
  }

  /** Like {@link visibleRows}, with styles. */
  get styledRows(): StyledRun[][] {
    const { baseY } = this.#terminal.buffer.active
    return this.visibleRows.map((text, row) => this.#runsOf(baseY + row, text))
  }

  get text(): string {
    return this.rows.join('\n')
  }

  /** The row counts from the first row that has scrolled away. */
  get cursor(): { row: number; column: number } {
    const { baseY, cursorX, cursorY } = this.#terminal.buffer.active
    return { row: baseY + cursorY, column: cursorX }
  }

  #runsOf(row: number, text: string): StyledRun[] {
    const line = this.#terminal.buffer.active.getLine(row)
    const runs: StyledRun[] = []
    let left = text.length
    for (let column = 0; left > 0; column += 1) {
      const cell = line?.getCell(column)
      if (cell === undefined) break
      const chars = cell.getWidth() === 0 ? '' : cell.getChars() || ' '
      left -= chars.length
      const colour = cell.isFgPalette() ? cell.getFgColor() : undefined
      const look = { colour, isBold: cell.isBold() !== 0, isDim: cell.isDim() !== 0 }
      const last = runs.at(-1)
      const isAlike =
        last !== undefined &&
        last.colour === colour &&
        last.isBold === look.isBold &&
        last.isDim === look.isDim
      if (isAlike) runs.pop()
      const before = isAlike ? last : { column, columns: 0, text: '' }
      runs.push({
        ...look,
        column: before.column,
        columns: before.columns + 1,
        text: before.text + chars,
      })
    }
    return runs
  }

  #rowsFrom(first: number): string[] {
    const buffer = this.#terminal.buffer.active
    const rows: string[] = []
    for (let row = first; row < buffer.length; row += 1) {
      rows.push(buffer.getLine(row)?.translateToString(true).trimEnd() ?? '')
    }
    while (rows.at(-1) === '') rows.pop()
    return rows
  }
}
