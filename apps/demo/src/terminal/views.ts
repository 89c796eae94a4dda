import type { ReadStream, WriteStream } from 'node:tty'
import { colorsFor } from '../colors.ts'
import { type Entry, transcriptRow } from '../member/entry.ts'
import type { StatusFacts } from '../member/status-facts.ts'
import { neutralised } from '../safe-text.ts'
import { fitted } from './display-width.ts'
import { progressRows } from './files/progress-row.ts'
import { painted } from './paint.ts'
import { columnsOf, Screen, type ScreenHandlers, type ScreenRow } from './screen.ts'
import { statusRow } from './status.ts'
import type { Transcript } from './transcript.ts'

/** Where the chat is shown. */
export interface View {
  show(entry: Entry): void
  changed(facts: StatusFacts): void
}

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
  #screen: Screen | undefined
  /** Rows shown before the screen opened. */
  readonly #printed: ScreenRow[] = []

  constructor(output: WriteStream, ownName: string) {
    this.#output = output
    this.#ownName = ownName
    this.#colors = colorsFor(output, process.env)
  }

  show(entry: Entry): void {
    const row = (columns: number) => painted(entry, this.#colors, this.#ownName, columns)
    if (this.#screen !== undefined) return void this.#screen.print(row)
    this.#printed.push(row)
    this.#output.write(`${row(columnsOf(this.#output))}\n`)
  }

  changed(facts: StatusFacts): void {
    this.#facts = facts
    this.#screen?.refresh()
  }

  /** So many lines were entered and are not sent. That is shown while there is no connection. */
  unsent(lines: number): void {
    this.#unsent = lines
    if (this.#facts.outage !== undefined) this.#screen?.refresh()
  }

  /** Shows the input line. */
  open(input: ReadStream, handlers: ScreenHandlers): void {
    const colors = this.#colors
    const prompt = {
      above: (columns: number) => [
        ...progressRows(this.#facts.files, columns, colors),
        statusRow(this.#facts, columns, colors, this.#unsent),
      ],
      prompt: (columns: number) => promptFor(this.#ownName, columns),
      paint: (text: string) => colors.bold(text),
    }
    this.#screen = new Screen(input, this.#output, prompt, handlers, this.#printed)
  }

  /** Brings a refused line back into the input line. Returns false when the person has begun another one. */
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

/** A long name leaves most of a narrow terminal to the line. */
function promptFor(name: string, columns: number): string {
  const room = Math.max(0, Math.floor(columns / 3) - 3)
  const shown = fitted(name, room)
  return `${shown === name ? name : `${shown}…`} › `
}
