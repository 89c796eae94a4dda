import { displayWidth } from '../../src/terminal/display-width.ts'

const esc = '\\u001b'
const escapeSequence = new RegExp(`^${esc}(\\[[?>]?([\\d;]*)([A-Za-z])|[=>])`)

/**
 * As much of a terminal as the chat uses: printing with wrap at the last column, CR, LF, BS, and the CSI
 * sequences for moving (A B C D G H) and erasing (J K). Colours are dropped. An unknown sequence throws: it
 * would be one that reached a terminal without anybody having thought of it.
 */
export class ScreenEmulator {
  readonly columns: number
  #rows: string[][] = [[]]
  #row = 0
  #column = 0
  #pending = ''

  constructor(columns: number) {
    this.columns = columns
  }

  /** Rows from the top, without blanks at their ends. What has scrolled away counts as still there. */
  get rows(): string[] {
    return this.#rows.map((row) =>
      Array.from(row, (cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    )
  }

  get text(): string {
    return this.rows.join('\n').trimEnd()
  }

  get cursor(): { row: number; column: number } {
    return { row: this.#row, column: this.#column }
  }

  write(text: string): void {
    const input = this.#pending + text
    this.#pending = ''
    let rest = input
    while (rest !== '') {
      const sequence = escapeSequence.exec(rest)
      if (sequence !== null) {
        if (sequence[3] !== undefined) this.#execute(sequence[2] ?? '', sequence[3])
        rest = rest.slice(sequence[0].length)
      } else if (rest.startsWith('\u001b')) {
        if (rest.length > 64) throw new Error(`unknown escape sequence ${JSON.stringify(rest.slice(0, 16))}`)
        this.#pending = rest
        return
      } else {
        const character = String.fromCodePoint(rest.codePointAt(0) ?? 0)
        this.#put(character)
        rest = rest.slice(character.length)
      }
    }
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0
    else if (character === '\n') this.#move(1, -this.#column)
    else if (character === '\b') this.#column = Math.max(0, this.#column - 1)
    else if (character !== '\u0007') this.#print(character)
  }

  #print(character: string): void {
    const width = displayWidth(character)
    if (width === 0) return
    if (this.#column + width > this.columns) this.#move(1, -this.#column)
    const row = this.#rows[this.#row] ?? []
    row[this.#column] = character
    if (width === 2) row[this.#column + 1] = ''
    this.#column += width
  }

  #move(rows: number, columns: number): void {
    this.#row = Math.max(0, this.#row + rows)
    this.#column = Math.min(this.columns - 1, Math.max(0, this.#column + columns))
    while (this.#rows.length <= this.#row) this.#rows.push([])
  }

  #execute(parameters: string, command: string): void {
    const count = Number(parameters.split(';')[0] || '1')
    if (command === 'A') this.#move(-count, 0)
    else if (command === 'B') this.#move(count, 0)
    else if (command === 'C') this.#move(0, count)
    else if (command === 'D') this.#move(0, -count)
    else if (command === 'G') this.#column = count - 1
    else if (command === 'J') this.#eraseDown()
    else if (command === 'K') this.#eraseRow(parameters)
    else if (!'mhlt'.includes(command))
      throw new Error(`unknown control sequence CSI ${parameters}${command}`)
  }

  #eraseDown(): void {
    this.#rows.length = this.#row + 1
    this.#rows[this.#row]?.splice(this.#column)
  }

  #eraseRow(parameters: string): void {
    if (parameters === '' || parameters === '0') this.#rows[this.#row]?.splice(this.#column)
    else if (parameters === '1') this.#rows[this.#row]?.fill(' ', 0, this.#column)
    else this.#rows[this.#row] = []
  }
}
