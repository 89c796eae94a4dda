import { emitKeypressEvents } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import { limits } from '../limits.ts'
import { applyKey, type Key, keyName } from './editing-keys.ts'
import { drawLineBox } from './line-box.ts'
import { LineEditor } from './line-editor.ts'
import type { ScreenHandlers, ScreenPrompt } from './screen-handlers.ts'
import { type RowsRoom, type ScreenRow, ScreenRows } from './screen-rows.ts'
import { sharedStart } from './shared-start.ts'
import { suspendProcess } from './suspend.ts'

export type { ScreenRow } from './screen-rows.ts'

const [pasteMarksOn, pasteMarksOff] = ['\u001b[?2004h', '\u001b[?2004l']
const noRows = { rows: [], roomBegin: 0 }
const eraseDown = '\u001b[J'
const toTop = '\u001b[H'

/**
 * A terminal with an input line at its bottom. A row is printed above it: the input line is erased and drawn again
 * below, so that no output lands inside it.
 *
 * After a change of its size, the contents of a terminal are unknown: some terminals wrap their rows again, some cut
 * them, and some do this only to the row of the cursor. The screen is then drawn again from the rows that it remembers.
 */
export class Screen {
  readonly #input: ReadStream
  readonly #output: WriteStream
  readonly #prompt: ScreenPrompt
  readonly #handlers: ScreenHandlers
  readonly #editor = new LineEditor()
  /** The rows printed last. */
  readonly #printed: ScreenRows
  #open = true
  /** Rows of the input line above the cursor; undefined when it is not drawn. */
  #rowsAbove: number | undefined
  #resizePause: NodeJS.Timeout | undefined
  #drawSoon = false
  #pasting = false
  #lastKey = ''

  /** `printed`: the rows that are already on the screen, and the index of the first one of the room. */
  constructor(
    input: ReadStream,
    output: WriteStream,
    prompt: ScreenPrompt,
    handlers: ScreenHandlers,
    printed: { readonly rows: readonly ScreenRow[]; readonly roomBegin: number } = noRows,
  ) {
    this.#input = input
    this.#output = output
    this.#prompt = prompt
    this.#handlers = handlers
    this.#printed = new ScreenRows(printed.rows, printed.roomBegin)
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
    this.#printed.add(row)
    if (this.#resizePause !== undefined || this.#printed.isScrolled) this.#drawAll()
    else this.#draw(`${row(columns)}\r\n`)
  }

  /** Draws the status and the line again after they changed. */
  refresh(): void {
    if (!this.#open || this.#resizePause !== undefined) return
    if (this.#printed.isScrolled) this.#drawAll()
    else this.#draw()
  }

  /** Rows that are printed from now on are of another room. */
  beginRoom(): void {
    this.#printed.beginRoom()
  }

  /** Adds older rows of the room for a person who has scrolled up. */
  addOlder(rows: readonly ScreenRow[]): void {
    if (!this.#open || rows.length === 0) return
    this.#printed.addOlder(rows, this.#rowsRoom())
    this.#drawAll()
  }

  /** Scrolls up by a page. */
  scrollUp(): void {
    if (!this.#open) return
    const room = this.#rowsRoom()
    if (this.#printed.isRoomBeginInSight(room) && this.#handlers.older(this.#printed.ofRoom)) return
    this.#printed.pageUp(room)
    this.#drawAll()
  }

  /** Whether no older rows can be added. */
  get isFull(): boolean {
    return this.#printed.isFull
  }

  /** Restores a refused line. Returns false, and does nothing, if another line is being typed. */
  restore(line: string): boolean {
    const restored = this.#open && this.#editor.restore(line)
    if (restored) this.refresh()
    return restored
  }

  /** Erases the input line and releases the terminal. Idempotent. Returns what was typed and not sent. */
  close(): string {
    if (!this.#open) return ''
    const wasScrolled = this.#printed.isScrolled
    this.#printed.toNewest()
    if (this.#resizePause !== undefined || wasScrolled) this.#drawAll()
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
    else if (key.name === 'escape') this.#handlers.escape()
    else if (name === 'ctrl-l') this.#drawAll()
    else if (name === 'pageup') this.scrollUp()
    else if (name === 'pagedown') this.#scrollDown()
    else applyKey(this.#editor, text, key)
    if (!this.#open) return
    if (this.#editor.text !== '') this.#handlers.typed(this.#editor.text)
    this.#drawAfterKeys()
  }

  #enter(): void {
    const line = this.#editor.take()
    const wasScrolled = this.#printed.isScrolled
    this.#printed.toNewest()
    if (wasScrolled) this.#drawAll()
    else this.#drawNow()
    this.#handlers.line(line)
  }

  #scrollDown(): void {
    if (!this.#printed.isScrolled) return
    this.#printed.pageDown(this.#rowsRoom())
    this.#drawAll()
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

  /** The keys of a paste arrive one by one. This draws their result once. */
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
    // Reached when the process continues, or at once if the system did not stop it because nothing could resume it.
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
    const box = this.#box()
    const above = this.#printed.window(this.#rowsRoom(box)).texts.map((text) => `${text}\r\n`)
    this.#output.write(toTop + eraseDown + above.join('') + box.drawn)
    this.#rowsAbove = box.rowsAbove
  }

  /** Draws the input line where it was, or below the rows `above`. */
  #draw(above = ''): void {
    const box = this.#box()
    this.#output.write(this.#erased() + above + box.drawn)
    this.#rowsAbove = box.rowsAbove
  }

  #rowsRoom(box = this.#box()): RowsRoom {
    const { columns, rows } = this.#size()
    return { columns, rows: rows - box.drawn.split('\r\n').length }
  }

  #box() {
    const { text, cursor } = this.#editor
    const size = this.#size()
    const prompt = this.#prompt.prompt(size.columns)
    const above = this.#prompt.above(size.columns, this.#printed.newer)
    const paintedPrompt = this.#prompt.paint(prompt)
    return drawLineBox({ ...size, above, prompt, paintedPrompt, line: text, cursor })
  }

  /** The bytes that erase the input line. Afterwards, the cursor is where the line began. */
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
