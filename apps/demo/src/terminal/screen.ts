import { emitKeypressEvents } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import { limits } from '../limits.ts'
import { applyKey, type Key, keyName } from './editing-keys.ts'
import { graphemes } from './graphemes.ts'
import { drawLineBox } from './line-box.ts'
import { LineEditor } from './line-editor.ts'
import { rowsOf } from './line-layout.ts'
import { suspendProcess } from './suspend.ts'

export interface ScreenHandlers {
  /** Return was pressed. The typed row has been erased: the screen shows its result, not its text. */
  line(line: string): void
  /** A key was pressed, and the line is not empty. */
  typed(line: string): void
  /** Ctrl-C, or Ctrl-D on an empty line. */
  leave(): void
  /** The terminal has gone: its window was closed. */
  hangUp(): void
  /** What the word before the cursor can become, and that word. */
  complete(line: string): [string[], string]
}

export interface ScreenPrompt {
  /** The rows above the line being typed, the most important one last; each cut to the width of the terminal. */
  above(columns: number): readonly string[]
  /** Before the line being typed. */
  prompt(columns: number): string
  paint(prompt: string): string
}

/** What a row looks like in a terminal with that many columns. It is printed again after a change of the size. */
export type ScreenRow = (columns: number) => string

const [pasteMarksOn, pasteMarksOff] = ['\u001b[?2004h', '\u001b[?2004l']
const eraseDown = '\u001b[J'
const toTop = '\u001b[H'

/**
 * A terminal with an input line at its bottom. A row is printed above it: the input line is erased and drawn again
 * below, so that no output lands inside it.
 *
 * After a change of its size nobody knows what a terminal shows: some wrap their rows anew, some cut them, some do either
 * to the row of the cursor alone. The screen is then drawn again from the rows it remembers.
 */
export class Screen {
  readonly #input: ReadStream
  readonly #output: WriteStream
  readonly #prompt: ScreenPrompt
  readonly #handlers: ScreenHandlers
  readonly #editor = new LineEditor()
  /** The rows printed last. */
  readonly #printed: ScreenRow[]
  #open = true
  /** Rows of the input line above the cursor; undefined when it is not drawn. */
  #rowsAbove: number | undefined
  #resizePause: NodeJS.Timeout | undefined
  #drawSoon = false
  #pasting = false
  #lastKey = ''

  /** `printed`: rows that stand above already. */
  constructor(
    input: ReadStream,
    output: WriteStream,
    prompt: ScreenPrompt,
    handlers: ScreenHandlers,
    printed: readonly ScreenRow[] = [],
  ) {
    this.#input = input
    this.#output = output
    this.#prompt = prompt
    this.#handlers = handlers
    this.#printed = printed.slice(-limits.screenRowsKept)
    emitKeypressEvents(input)
    input.on('keypress', this.#onKey)
    input.on('end', this.#onHangUp)
    output.on('resize', this.#onResize)
    process.on('SIGCONT', this.#onContinue)
    this.#takeTerminal()
    input.resume()
    this.#draw()
  }

  /** Prints one row above the line being typed. */
  print(row: ScreenRow): void {
    const columns = columnsOf(this.#output)
    if (!this.#open) return void this.#output.write(`${row(columns)}\n`)
    this.#printed.push(row)
    if (this.#printed.length > limits.screenRowsKept) this.#printed.shift()
    if (this.#resizePause !== undefined) this.#drawAll()
    else this.#draw(`${row(columns)}\r\n`)
  }

  /** Draws the status and the line again after they changed. */
  refresh(): void {
    if (!this.#open) return
    if (this.#resizePause === undefined) this.#draw()
  }

  /** Brings a line back that was refused, unless another one has been begun. Returns false then. */
  restore(line: string): boolean {
    const restored = this.#open && this.#editor.restore(line)
    if (restored) this.refresh()
    return restored
  }

  /** Erases the input line and releases the terminal. Idempotent. Returns what was typed and not sent. */
  close(): string {
    if (!this.#open) return ''
    if (this.#resizePause !== undefined) this.#drawAll()
    this.#open = false
    this.#output.write(this.#erased())
    this.#input.off('keypress', this.#onKey)
    this.#input.off('end', this.#onHangUp)
    this.#output.off('resize', this.#onResize)
    process.off('SIGCONT', this.#onContinue)
    this.#releaseTerminal()
    this.#input.pause()
    return this.#editor.text
  }

  readonly #onKey = (text: string | undefined, key: Key): void => {
    if (!this.#open) return
    const name = keyName(key)
    const before = this.#lastKey
    this.#lastKey = name
    if (name === 'paste-start') this.#pasting = true
    else if (name === 'paste-end') this.#pasting = false
    else if (name === 'return') this.#enter()
    else if (name === 'enter' && before !== 'return') this.#enter()
    else if (this.#pasting) this.#editor.insert(text === '\t' ? ' ' : printable(text))
    else if (name === 'tab') this.#complete()
    else if (name === 'ctrl-c' || (name === 'ctrl-d' && this.#editor.text === '')) this.#handlers.leave()
    else if (name === 'ctrl-z') this.#suspend()
    else if (name === 'ctrl-l') this.#drawAll()
    else applyKey(this.#editor, text, key)
    if (!this.#open) return
    if (this.#editor.text !== '') this.#handlers.typed(this.#editor.text)
    this.#drawAfterKeys()
  }

  #enter(): void {
    const line = this.#editor.take()
    this.#drawNow()
    this.#handlers.line(line)
  }

  #complete(): void {
    const { text, cursor } = this.#editor
    const [choices, word] = this.#handlers.complete(text.slice(0, cursor))
    const shared = sharedStart(choices)
    if (shared.length > word.length || choices.length === 1) {
      this.#editor.replaceBefore(word.length, shared)
    } else if (choices.length > 1) {
      this.print(() => choices.join('  '))
    }
  }

  /** The keys of a paste come one by one: what they changed is drawn once. */
  #drawAfterKeys(): void {
    if (this.#drawSoon) return
    this.#drawSoon = true
    queueMicrotask(() => {
      if (this.#drawSoon) this.#drawNow()
    })
  }

  #drawNow(): void {
    this.#drawSoon = false
    this.refresh()
  }

  readonly #onResize = (): void => {
    clearTimeout(this.#resizePause)
    this.#resizePause = setTimeout(() => this.#drawAll(), limits.resizePauseMs)
    this.#resizePause.unref()
  }

  readonly #onHangUp = (): void => this.#handlers.hangUp()

  /** Something may have been printed, and the shell has set the terminal up for itself. */
  readonly #onContinue = (): void => {
    this.#releaseTerminal()
    this.#takeTerminal()
    this.#drawAll()
  }

  #suspend(): void {
    this.#output.write(this.#erased())
    this.#releaseTerminal()
    suspendProcess()
    // Reached when the process goes on, and at once where nothing can bring it back and the system did not stop it.
    this.#onContinue()
  }

  #takeTerminal(): void {
    this.#input.setRawMode(true)
    this.#output.write(pasteMarksOn)
  }

  #releaseTerminal(): void {
    this.#output.write(pasteMarksOff)
    this.#input.setRawMode(false)
  }

  /** Draws every row that fits from the top of the terminal, and the input line below them. */
  #drawAll(): void {
    clearTimeout(this.#resizePause)
    this.#resizePause = undefined
    if (!this.#open) return
    const { columns, rows } = this.#size()
    const box = this.#box()
    let room = rows - box.drawn.split('\r\n').length
    const above: string[] = []
    for (const print of this.#printed.toReversed()) {
      const row = print(columns)
      room -= rowsOf(row, columns)
      if (room < 0) break
      above.unshift(`${row}\r\n`)
    }
    this.#output.write(toTop + eraseDown + above.join('') + box.drawn)
    this.#rowsAbove = box.rowsAbove
  }

  /** Draws the input line where it was, or below what is to stand above it. */
  #draw(above = ''): void {
    const box = this.#box()
    this.#output.write(this.#erased() + above + box.drawn)
    this.#rowsAbove = box.rowsAbove
  }

  #box() {
    const { text, cursor } = this.#editor
    const size = this.#size()
    const prompt = this.#prompt.prompt(size.columns)
    const above = this.#prompt.above(size.columns)
    const paintedPrompt = this.#prompt.paint(prompt)
    return drawLineBox({ ...size, above, prompt, paintedPrompt, line: text, cursor })
  }

  /** The bytes that erase the input line. The cursor stands where it began. */
  #erased(): string {
    const rowsAbove = this.#rowsAbove
    this.#rowsAbove = undefined
    if (rowsAbove === undefined) return ''
    return `\r${rowsAbove === 0 ? '' : `\u001b[${rowsAbove}A`}${eraseDown}`
  }

  #size(): { readonly columns: number; readonly rows: number } {
    return { columns: columnsOf(this.#output), rows: this.#output.rows || 24 }
  }
}

/** Some terminals do not know their size and say 0. */
export function columnsOf(output: WriteStream): number {
  return output.columns || 80
}

function printable(text: string | undefined): string {
  return text === undefined || /\p{Cc}/u.test(text) ? '' : text
}

/** The longest beginning that all of them share, as the first one writes it. */
function sharedStart([first = '', ...others]: readonly string[]): string {
  const shared = graphemes(first)
  for (const other of others) {
    while (!other.toLowerCase().startsWith(shared.join('').toLowerCase())) shared.pop()
  }
  return shared.join('')
}
