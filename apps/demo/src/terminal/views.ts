import type { ReadStream, WriteStream } from 'node:tty'
import { colorsFor } from '../colors.ts'
import { type Entry, transcriptRow } from './entry.ts'
import { painted } from './paint.ts'
import { Screen, type ScreenHandlers } from './screen.ts'
import { type StatusFacts, statusRow } from './status.ts'
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
    this.#row = colors.isColorSupported ? (entry) => painted(entry, colors, ownName) : transcriptRow
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
  #facts: StatusFacts = { room: '', members: 0, typing: [] }
  #screen: Screen | undefined

  constructor(output: WriteStream, ownName: string) {
    this.#output = output
    this.#ownName = ownName
    this.#colors = colorsFor(output, process.env)
  }

  show(entry: Entry): void {
    const row = painted(entry, this.#colors, this.#ownName)
    if (this.#screen === undefined) this.#output.write(`${row}\n`)
    else this.#screen.print(row)
  }

  changed(facts: StatusFacts): void {
    this.#facts = facts
    this.#screen?.refresh()
  }

  /** Shows the input line. */
  open(input: ReadStream, handlers: ScreenHandlers): void {
    const prompt = {
      status: (columns: number) => statusRow(this.#facts, columns, this.#colors),
      prompt: `${this.#colors.bold(this.#ownName)} › `,
    }
    this.#screen = new Screen(input, this.#output, prompt, handlers)
  }

  close(): void {
    this.#screen?.close()
  }
}
