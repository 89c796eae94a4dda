import type { ReadStream, WriteStream } from 'node:tty'
import type { LinePlace } from '../chat-contract.ts'
import { type Colors, colorsFor } from '../colors.ts'
import type { FiguresTable } from '../figures-contract.ts'
import { type Entry, transcriptRow } from '../member/entry.ts'
import type { OlderAnswer } from '../member/older-lines.ts'
import { beginSentence, fullSentence } from '../member/sentences.ts'
import type { StatusFacts } from '../member/status-facts.ts'
import { neutralised } from '../safe-text.ts'
import { nameKey } from '../text-rules.ts'
import { displayWidth, fitted } from './display-width.ts'
import { figuresRows } from './figures-rows.ts'
import { progressRows } from './files/progress-row.ts'
import { rowsAboveMax } from './line-box.ts'
import { painted } from './paint.ts'
import { columnsOf, Screen, type ScreenRow } from './screen.ts'
import type { ScreenHandlers } from './screen-handlers.ts'
import { statusRow } from './status.ts'
import type { Transcript } from './transcript.ts'

/** Where the chat is shown. */
export interface View {
  show(entry: Entry): void
  changed(facts: StatusFacts): void
}

/** Gives the lines before a place in the room. */
type ReadOlder = (before: LinePlace | undefined) => Promise<OlderAnswer>

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean }

/** Plain rows, for scripts, pipes and terminals without cursor movement. */
export class RowView implements View {
  readonly #output: Output
  readonly #transcript: Transcript
  readonly #row: (entry: Entry) => string

  constructor(output: Output, transcript: Transcript, ownName: string) {
    this.#output = output
    this.#transcript = transcript
    const colors = colorsFor(output, process.env)
    this.#row = colors.isColorSupported
      ? (entry) => painted(entry, colors, ownName, Number.POSITIVE_INFINITY)
      : transcriptRow
  }

  show(entry: Entry): void {
    this.#transcript.add(transcriptRow(entry))
    this.#output.write(`${this.#row(entry)}\n`)
  }

  changed(): void {}
}

/** A terminal with a status row and an input line at its bottom. */
export class ScreenView implements View {
  readonly #colors
  readonly #output: WriteStream
  readonly #ownName: string
  #facts: StatusFacts = { room: '', members: 0, away: 0, typing: [], files: [] }
  #unsent = 0
  #figures: FiguresTable | undefined
  #screen: Screen | undefined
  /** Rows shown before the screen opened. */
  readonly #printed: ScreenRow[] = []
  #roomBegin = 0
  /** The places of the rows that show lines. */
  readonly #places = new WeakMap<ScreenRow, LinePlace>()
  #isReadingOlder = false
  /** Whether the oldest line of the room is shown, or the limit of rows is reached. */
  #isAtStart = false
  #firstOfRoom: ScreenRow | undefined

  constructor(output: WriteStream, ownName: string) {
    this.#output = output
    this.#ownName = ownName
    this.#colors = colorsFor(output, process.env)
  }

  show(entry: Entry): void {
    const row = this.#rowOf(entry)
    if (this.#screen !== undefined) return void this.#screen.print(row)
    this.#printed.push(row)
    this.#output.write(`${row(columnsOf(this.#output))}\n`)
  }

  changed(facts: StatusFacts): void {
    if (nameKey(facts.room) !== nameKey(this.#facts.room)) this.#beginRoom()
    this.#facts = facts
    this.#screen?.refresh()
  }

  /** Sets the number of unsent lines, which is shown during an outage. */
  unsent(lines: number): void {
    this.#unsent = lines
    if (this.#facts.outage !== undefined) this.#screen?.refresh()
  }

  /** Shows the figures of the servers above the status, in place of the previous ones; undefined: no figures. */
  figures(table: FiguresTable | undefined): void {
    this.#figures = table
    this.#screen?.refresh()
  }

  /** Together with the status, the figures fit above the input line. */
  #figuresRows(columns: number): string[] {
    if (this.#figures === undefined) return []
    const room = { width: columns - 1, rowsMax: rowsAboveMax(this.#output.rows || 24) - 1 }
    return figuresRows(this.#figures, room, this.#colors)
  }

  /**
   * Shows the input line.
   *
   * @param older reads older lines when the person scrolls up
   */
  open(input: ReadStream, handlers: Omit<ScreenHandlers, 'older'>, older: ReadOlder): void {
    const colors = this.#colors
    const prompt = {
      above: (columns: number, newer: number) => [
        ...progressRows(this.#facts.files, columns, colors),
        ...this.#figuresRows(columns),
        // As high as the status, so that the shown rows do not move.
        newer === 0 || this.#facts.outage !== undefined
          ? statusRow(this.#facts, columns, colors, this.#unsent)
          : newerRow(newer, columns, colors),
      ],
      prompt: (columns: number) => promptFor(this.#ownName, columns),
      paint: (text: string) => colors.bold(text),
    }
    const printed = { rows: this.#printed, roomBegin: this.#roomBegin }
    const all = { ...handlers, older: (rows: readonly ScreenRow[]) => this.#readOlder(rows, older) }
    this.#screen = new Screen(input, this.#output, prompt, all, printed)
  }

  /** @returns whether older rows will be added, or are already being read */
  #readOlder(rows: readonly ScreenRow[], older: ReadOlder): boolean {
    const screen = this.#screen
    if (screen === undefined || this.#isReadingOlder) return true
    // Rows that were read before may have been forgotten since.
    if (this.#isAtStart && rows[0] !== undefined && rows[0] === this.#firstOfRoom) return false
    if (screen.isFull) this.#addOlder([{ kind: 'notice', text: fullSentence }], true)
    else void this.#showOlder(older, rows.flatMap((row) => this.#places.get(row) ?? [])[0])
    return true
  }

  async #showOlder(older: ReadOlder, before: LinePlace | undefined): Promise<void> {
    const { room } = this.#facts
    this.#isReadingOlder = true
    const page = await older(before)
    this.#isReadingOlder = false
    if (nameKey(room) !== nameKey(this.#facts.room)) return
    if ('fault' in page) return this.show({ kind: 'fault', text: page.fault })
    const begin: readonly Entry[] = page.isStart ? [{ kind: 'notice', text: beginSentence(room) }] : []
    this.#addOlder([...begin, ...page.lines], page.isStart)
  }

  #addOlder(entries: readonly Entry[], isStart: boolean): void {
    const rows = entries.map((entry) => this.#rowOf(entry))
    this.#isAtStart = isStart
    this.#firstOfRoom = rows[0]
    this.#screen?.addOlder(rows)
  }

  #rowOf(entry: Entry): ScreenRow {
    const row = (columns: number) => painted(entry, this.#colors, this.#ownName, columns)
    if (entry.kind === 'line' && entry.place !== undefined) this.#places.set(row, entry.place)
    return row
  }

  #beginRoom(): void {
    this.#isAtStart = false
    this.#roomBegin = this.#printed.length
    this.#screen?.beginRoom()
  }

  /** Scrolls up by a page, as PageUp does. */
  scrollUp(): void {
    this.#screen?.scrollUp()
  }

  /** Restores a refused line. Returns false, and does nothing, if another line is being typed. */
  restore(line: string): boolean {
    return this.#screen?.restore(line) ?? false
  }

  /** Releases the terminal. Returns what was typed and not sent. */
  close(): string {
    return this.#screen?.close() ?? ''
  }

  /** Leaves a line that was not sent on the screen, so that the person can copy it. */
  leave(line: string): void {
    this.#output.write(`${promptFor(this.#ownName, columnsOf(this.#output))}${neutralised(line)}\n`)
  }
}

/** The row that replaces the status while the person has scrolled up. */
function newerRow(newer: number, columns: number, colors: Colors): string {
  const row = fitted(`── ↓ ${newer} further down · PageDown · Return for the newest `, columns - 1)
  return colors.yellow(row + '─'.repeat(Math.max(0, columns - 1 - displayWidth(row))))
}

/** A long name leaves most of a narrow terminal to the line. */
function promptFor(name: string, columns: number): string {
  const room = Math.max(0, Math.floor(columns / 3) - 3)
  const shown = fitted(name, room)
  return `${shown === name ? name : `${shown}…`} › `
}
