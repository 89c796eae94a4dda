import { PassThrough, Writable } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import { colorsFor } from '../../src/colors.ts'
import { Screen } from '../../src/terminal/screen.ts'
import { statusRow } from '../../src/terminal/status.ts'
import { ScreenEmulator } from './screen-emulator.ts'

export const key = {
  left: '\u001b[D',
  home: '\u0001',
  up: '\u001b[A',
  back: '\u007f',
  interrupt: '\u0003',
  end: '\u0004',
  redraw: '\u000c',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
}

/** A paste, as terminals with bracketed paste mark it. */
export const paste = (text: string) => `\u001b[200~${text}\u001b[201~`

/** A screen between a keyboard and an emulator, and its reports. */
export class ScreenStage {
  readonly typed: string[] = []
  readonly lines: string[] = []
  left = 0
  gone = 0
  escapes = 0
  /** For each request for older rows, the rows of the room that were shown then. */
  readonly askedOlder: string[][] = []
  hasOlder = true
  /** The names that Tab completes. */
  names = ['/help']
  readonly facts = { room: 'lobby', members: 2, away: 0, typing: [] as string[] }
  /** The rows above the status. */
  readonly above: string[] = []
  readonly input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
  output: Writable & { columns: number; rows: number }
  emulator: ScreenEmulator
  screen: Screen

  constructor() {
    const { emulator, output, screen } = this.#opened(40, 20)
    this.emulator = emulator
    this.output = output
    this.screen = screen
  }

  /** Opens another screen in an emulator of this size. */
  open(columns: number, rows = 20): void {
    Object.assign(this, this.#opened(columns, rows))
  }

  /** Keys are read in a later turn of the event loop. */
  async press(keys: string): Promise<void> {
    this.input.write(keys)
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** The emulator, after it has handled everything that the screen wrote. */
  async shown(): Promise<ScreenEmulator> {
    await this.emulator.write('')
    return this.emulator
  }

  async resize(columns: number, rows = this.output.rows): Promise<void> {
    await this.emulator.write('')
    this.emulator.resize(columns, rows)
    Object.assign(this.output, { columns, rows })
    this.output.emit('resize')
  }

  #opened(columns: number, rows: number) {
    const emulator = new ScreenEmulator(columns, rows)
    const stream = new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        // Like a terminal driver.
        void emulator.write(chunk.replaceAll(/(?<!\r)\n/g, '\r\n'))
        done()
      },
    })
    const output = Object.assign(stream, { isTTY: true, columns, rows })
    const screen = new Screen(
      this.input as unknown as ReadStream,
      output as unknown as WriteStream,
      {
        above: (width, newer) => [
          ...this.above,
          newer === 0 ? statusRow(this.facts, width, colorsFor({}, {})) : `${newer} newer`,
        ],
        prompt: () => 'guest › ',
        paint: (prompt) => prompt,
      },
      {
        line: (line) => {
          this.lines.push(line)
          if (line.startsWith('print ')) this.screen.print(() => line.slice(6))
        },
        typed: (line) => this.typed.push(line),
        leave: () => {
          this.left += 1
        },
        hangUp: () => {
          this.gone += 1
        },
        escape: () => {
          this.escapes += 1
        },
        older: (rows) => {
          this.askedOlder.push(rows.map((row) => row(80)))
          return this.hasOlder
        },
        complete: (line) => [
          this.names.filter((word) => word.toLowerCase().startsWith(line.toLowerCase())),
          line,
        ],
      },
    )
    return { emulator, output, screen }
  }
}
