import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'

export interface ScreenHandlers {
  /** Return was pressed. The typed row has been erased: the screen shows its result, not its text. */
  line(line: string): void
  /** A key was pressed, and the line is not empty. */
  typed(line: string): void
  /** Ctrl-C or Ctrl-D. */
  leave(): void
  complete(line: string): [string[], string]
}

export interface ScreenPrompt {
  /** Above the line being typed; cut to the width of the terminal. */
  status(columns: number): string
  /** Before the line being typed. */
  prompt: string
}

/**
 * readline remembers the row of its line on which it left the cursor, and moves up that far before it draws again.
 * Pasted text that wraps does not update it (Node 20 to 24), and rows printed by others cannot. The property is not
 * documented, but both cases need it and no other.
 */
type Editor = Interface & { prevRows: number }

/**
 * A terminal with an input line at its bottom. A row is printed above it: the input line is erased and drawn again
 * below, so that no output lands inside it. node:readline edits and draws the line.
 */
export class Screen {
  readonly #output: WriteStream
  readonly #readline: Editor
  readonly #prompt: ScreenPrompt
  /** Rows between the first of the prompt and the last of the line, when return was pressed. */
  #rowsAtReturn = 0
  #open = true
  /** False between return and the next prompt, when there is nothing to erase. */
  #drawn = false

  constructor(input: ReadStream, output: WriteStream, prompt: ScreenPrompt, handlers: ScreenHandlers) {
    this.#output = output
    this.#prompt = prompt
    this.#readline = createInterface({
      input,
      output,
      terminal: true,
      historySize: 200,
      removeHistoryDuplicates: true,
      completer: (line: string) => handlers.complete(line),
    }) as Editor
    input.prependListener('keypress', this.#beforeKey)
    input.on('keypress', () => {
      if (this.#open && this.#readline.line !== '') handlers.typed(this.#readline.line)
    })
    output.prependListener('resize', this.#renewPrompt)
    this.#readline.on('line', (line) => {
      this.#erase(this.#rowsAtReturn + 1)
      this.#drawn = false
      handlers.line(line)
      if (this.#open) this.#draw()
    })
    this.#readline.on('SIGINT', () => handlers.leave())
    this.#readline.on('close', () => {
      if (this.#open) handlers.leave()
    })
    this.#renewPrompt()
    this.#draw()
  }

  /** Prints one row above the line being typed. */
  print(row: string): void {
    if (!this.#drawn) return void this.#output.write(`${row}\n`)
    this.#output.cork()
    this.#erasePrompt()
    this.#output.write(`${row}\n`)
    this.#draw()
    this.#output.uncork()
  }

  /** Draws the status and the prompt again after they changed. */
  refresh(): void {
    if (!this.#open) return
    this.#renewPrompt()
    if (!this.#drawn) return
    this.#syncCursor()
    this.#draw()
  }

  /** Erases the input line and releases the terminal. Idempotent. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    if (this.#drawn) this.#erasePrompt()
    this.#readline.close()
  }

  /** Runs before readline handles the key. */
  readonly #beforeKey = (_text: string | undefined, key: { readonly name?: string } | undefined): void => {
    if (!this.#open) return
    this.#syncCursor()
    if (key?.name !== 'return' && key?.name !== 'enter') return
    this.#readline.write(null, { ctrl: true, name: 'e' })
    this.#syncCursor()
    this.#rowsAtReturn = this.#readline.prevRows
  }

  readonly #renewPrompt = (): void => {
    this.#readline.setPrompt(`${this.#prompt.status(this.#output.columns)}\n${this.#prompt.prompt}`)
  }

  #draw(): void {
    this.#drawn = true
    this.#readline.prompt(true)
  }

  /** Erases the prompt and the line. The cursor stands where they began. */
  #erasePrompt(): void {
    this.#syncCursor()
    this.#erase(this.#readline.prevRows)
    this.#readline.prevRows = 0
    this.#drawn = false
  }

  #syncCursor(): void {
    const { rows, cols } = this.#readline.getCursorPos()
    const atEnd = this.#readline.cursor === this.#readline.line.length
    // After a character in the last column a terminal waits for the next one before it wraps: make it wrap.
    if (cols === 0 && atEnd) {
      this.#output.write(' ')
      cursorTo(this.#output, 0)
    }
    this.#readline.prevRows = rows
  }

  #erase(rowsAbove: number): void {
    moveCursor(this.#output, 0, -rowsAbove)
    cursorTo(this.#output, 0)
    clearScreenDown(this.#output)
  }
}
