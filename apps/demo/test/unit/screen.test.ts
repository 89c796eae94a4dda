import { PassThrough, Writable } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { colorsFor } from '../../src/colors.ts'
import { Screen } from '../../src/terminal/screen.ts'
import { statusRow } from '../../src/terminal/status.ts'
import { ScreenEmulator } from '../support/screen-emulator.ts'

const key = {
  left: '\u001b[D',
  home: '\u0001',
  up: '\u001b[A',
  back: '\u007f',
  interrupt: '\u0003',
  end: '\u0004',
  redraw: '\u000c',
}
const paste = (text: string) => `\u001b[200~${text}\u001b[201~`

describe('the screen with a line being typed', () => {
  const typed: string[] = []
  const lines: string[] = []
  let left = 0
  let gone = 0
  let names: string[] = []
  let input = new PassThrough()
  let output: Writable & { columns: number; rows: number }
  let emulator: ScreenEmulator
  let screen: Screen
  const facts = { room: 'lobby', members: 2, typing: [] as string[] }

  beforeEach(() => {
    lines.length = 0
    typed.length = 0
    left = 0
    gone = 0
    names = ['/help']
    facts.typing = []
    input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
    open(40)
  })
  afterEach(() => screen.close())

  function open(columns: number, rows = 20): void {
    emulator = new ScreenEmulator(columns, rows)
    const terminal = emulator
    const stream = new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        void terminal.write(chunk.replaceAll(/(?<!\r)\n/g, '\r\n'))
        done()
      },
    })
    output = Object.assign(stream, { isTTY: true, columns, rows })
    screen = new Screen(
      input as unknown as ReadStream,
      output as unknown as WriteStream,
      {
        status: (width) => statusRow(facts, width, colorsFor({}, {})),
        prompt: () => 'guest › ',
        paint: (prompt) => prompt,
      },
      {
        line: (line) => {
          lines.push(line)
          if (line.startsWith('print ')) screen.print(() => line.slice(6))
        },
        typed: (line) => typed.push(line),
        leave: () => {
          left += 1
        },
        hangUp: () => {
          gone += 1
        },
        complete: (line) => [names.filter((word) => word.toLowerCase().startsWith(line.toLowerCase())), line],
      },
    )
  }

  /** Keys are read in a later turn of the event loop. */
  async function press(keys: string): Promise<void> {
    input.write(keys)
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** The emulator, when it has taken all that the screen wrote. */
  async function shown(): Promise<ScreenEmulator> {
    await emulator.write('')
    return emulator
  }

  async function resize(columns: number, rows = output.rows): Promise<void> {
    await emulator.write('')
    emulator.resize(columns, rows)
    Object.assign(output, { columns, rows })
    output.emit('resize')
  }

  const status = `── lobby · 2 here ${'─'.repeat(21)}`

  test('shows the status and the prompt', async () => {
    expect((await shown()).text).toBe(`${status}\nguest ›`)
  })

  test('an incoming row lands above the half-typed line, which stays as it was', async () => {
    await press('hel')
    screen.print(() => 'alice: hi')
    expect((await shown()).text).toBe(`alice: hi\n${status}\nguest › hel`)
    await press('lo')
    screen.print(() => 'alice: bye')
    expect((await shown()).text).toBe(`alice: hi\nalice: bye\n${status}\nguest › hello`)
    expect(emulator.cursor.column).toBe('guest › hello'.length)
    expect(typed.at(-1)).toBe('hello')
  })

  test('the cursor stays inside the line where it was', async () => {
    await press(`hello${key.left}${key.left}`)
    screen.print(() => 'alice: hi')
    expect((await shown()).cursor).toEqual({ row: 2, column: 'guest › hel'.length })
    await press('X')
    expect((await shown()).text).toContain('guest › helXlo')
  })

  test('a half-typed line of several rows stays whole, wherever the cursor is in it', async () => {
    const long = 'abcdefghij'.repeat(11)
    await press(long)
    const typedRow = `guest › ${long}`
    const rows = [typedRow.slice(0, 40), typedRow.slice(40, 80), typedRow.slice(80)]
    expect((await shown()).rows).toEqual([status, ...rows])
    screen.print(() => 'alice: hi')
    expect((await shown()).rows).toEqual(['alice: hi', status, ...rows])
    await press(key.home)
    screen.print(() => 'alice: still here')
    expect((await shown()).rows).toEqual(['alice: hi', 'alice: still here', status, ...rows])
    expect(emulator.cursor).toEqual({ row: 3, column: 'guest › '.length })
  })

  test('a line that fills its row puts the cursor into the next one, and back', async () => {
    await press('x'.repeat(32))
    screen.print(() => 'alice: hi')
    expect((await shown()).cursor).toEqual({ row: 3, column: 0 })
    await press(key.back)
    expect((await shown()).cursor).toEqual({ row: 2, column: 39 })
    expect(emulator.rows).toEqual(['alice: hi', status, `guest › ${'x'.repeat(31)}`])
  })

  test('a line with more rows than the terminal shows those around the cursor, and leaves nothing behind', async () => {
    screen.close()
    open(20, 6)
    screen.print(() => 'alice: hi')
    await press('0123456789'.repeat(30))
    const visible = ['alice: hi', '── lobby · 2 here ─']
    expect((await shown()).visibleRows.slice(-4)).toEqual([
      visible[1],
      '23456789012345678901',
      '23456789012345678901',
      '23456789',
    ])
    await press(key.home)
    expect((await shown()).visibleRows.slice(-4, -2)).toEqual([visible[1], 'guest › 012345678901'])
    expect(emulator.cursor.column).toBe('guest › '.length)
    await press('\u000b')
    expect((await shown()).text.match(/──/g)).toHaveLength(1)
    expect(emulator.rows).toEqual([...visible, 'guest ›'])
  })

  test('rows wider than the terminal do not push the prompt out of place', async () => {
    await press('hello')
    screen.print(() => 'x'.repeat(95))
    screen.print(() => 'alice: hi')
    const wide = ['x'.repeat(40), 'x'.repeat(40), 'x'.repeat(15)]
    expect((await shown()).rows).toEqual([...wide, 'alice: hi', status, 'guest › hello'])
  })

  test('return takes the typed line away: what it did is shown, not what was typed', async () => {
    await press('hello\r')
    expect(lines).toEqual(['hello'])
    expect((await shown()).text).toBe(`${status}\nguest ›`)
    await press(`${'long '.repeat(20)}${key.home}\r`)
    expect((await shown()).text).toBe(`${status}\nguest ›`)
  })

  test('what a line prints at once stands where the line was', async () => {
    screen.print(() => 'alice: hi')
    await press('print one\rprint two\r')
    expect((await shown()).text).toBe(`alice: hi\none\ntwo\n${status}\nguest ›`)
  })

  test('a pasted page becomes its lines, whether the terminal marks a paste or not', async () => {
    const page = 'one\ntwo\r\nthree\nfou'
    await press(page)
    expect(lines).toEqual(['one', 'two', 'three'])
    expect((await shown()).text).toBe(`${status}\nguest › fou`)
    await press(paste(`r\r${page}`))
    expect(lines).toEqual(['one', 'two', 'three', 'four', 'one', 'two', 'three'])
    expect((await shown()).text).toBe(`${status}\nguest › fou`)
  })

  test('a tab of a paste is a blank and completes nothing, and control characters do nothing', async () => {
    await press(paste('/he\tx\u0003\u001a\u0015y'))
    expect((await shown()).text).toBe(`${status}\nguest › /he xy`)
    expect(left).toBe(0)
  })

  test('wide characters keep the cursor right', async () => {
    await press('山田さん')
    screen.print(() => 'alice: hi')
    expect((await shown()).text).toBe(`alice: hi\n${status}\nguest › 山田さん`)
    expect(emulator.cursor.column).toBe('guest › '.length + 8)
  })

  test.each([
    ['a family', '👩‍👩‍👧'],
    ['a skin tone', '👍🏽'],
    ['a flag', '🇫🇷'],
    ['a key cap', '1️⃣'],
    ['a letter with marks', 'e\u0301\u0323'],
    ['a conjunct of Devanagari', 'क्‍ष'],
  ])('backspace takes %s away whole, and an arrow steps over it', async (_name, grapheme) => {
    await press(`a${grapheme}b${key.left}${key.left}`)
    expect((await shown()).cursor.column).toBe('guest › a'.length)
    await press('X')
    expect((await shown()).text).toBe(`${status}\nguest › aX${grapheme}b`)
    await press(`\u001b[C${key.back}\r`)
    expect(lines).toEqual(['aXb'])
  })

  test('shows what is pasted without what a terminal would act on, and sends it as it is', async () => {
    await press('a\u202eb\u200bc')
    expect((await shown()).text).toBe(`${status}\nguest › a<U+202E>b<U+200B>c`)
    expect(emulator.cursor.column).toBe('guest › a<U+202E>b<U+200B>c'.length)
    await press(`${key.left}${key.back}\r`)
    expect(lines).toEqual(['a\u202ebc'])
  })

  test('who is typing appears without moving the line', async () => {
    await press('hel')
    facts.typing = ['alice']
    screen.refresh()
    expect((await shown()).text).toBe(`── lobby · 2 here · alice is typing ${'─'.repeat(3)}\nguest › hel`)
    facts.typing = []
    screen.refresh()
    expect((await shown()).text).toBe(`${status}\nguest › hel`)
  })

  test('a terminal of a few columns gets a status that fits', async () => {
    screen.close()
    open(12)
    expect((await shown()).rows[0]).toBe('── lobby ·')
    expect(emulator.rows).toHaveLength(2)
  })

  test('a terminal of two rows keeps them for the line', async () => {
    screen.close()
    open(20, 2)
    screen.print(() => 'alice: hi')
    await press('hello')
    expect((await shown()).rows).toEqual(['alice: hi', 'guest › hello'])
  })

  test.each([
    [40, 20],
    [25, 30],
    [13, 80],
  ])('after a change from 60 columns to %i, then %i, every row is there once', async (first, second) => {
    screen.close()
    open(60, 12)
    screen.print(() => 'alice: a row of the chat that is longer than thirty columns')
    await press('a half-typed line that is longer than a row of some terminals')
    await resize(first)
    await resize(second)
    screen.print(() => 'bob: hi')
    // Blanks at the ends of rows are lost, so blanks do not count.
    const rows = (await shown()).visibleRows.join('').replaceAll(' ', '')
    for (const part of ['alice:arow', 'thirtycolumns', 'bob:hi', '──lobby', 'guest›ahalf', 'someterminals']) {
      expect({ part, pieces: rows.split(part).length }).toEqual({ part, pieces: 2 })
    }
    expect(rows).toMatch(/someterminals$/)
  })

  test('Ctrl-L draws everything again', async () => {
    screen.print(() => 'alice: hi')
    await press('hel')
    await emulator.write('\u001b[2;2Hnoise')
    await press(key.redraw)
    expect((await shown()).text).toBe(`alice: hi\n${status}\nguest › hel`)
  })

  test('a refused line comes back, unless another one was begun', async () => {
    expect(screen.restore('too long')).toBe(true)
    expect((await shown()).text).toBe(`${status}\nguest › too long`)
    expect(screen.restore('another')).toBe(false)
    screen.close()
    expect(screen.restore('after the end')).toBe(false)
  })

  test('Tab completes a command, as much as several names share, and lists them', async () => {
    await press('/he\t')
    expect((await shown()).text).toBe(`${status}\nguest › /help`)
    names = ['Alice', 'alina', 'bob']
    await press('\u0015a\t')
    expect((await shown()).text).toBe(`${status}\nguest › Ali`)
    await press('\t')
    expect((await shown()).text).toBe(`Alice  alina\n${status}\nguest › Ali`)
    await press('c\tx\t')
    expect((await shown()).text).toBe(`Alice  alina\n${status}\nguest › Alicex`)
  })

  test('the arrows bring older lines back, and a row that comes in changes nothing', async () => {
    await press(`one\rtwo\rdraft${key.up}${key.up}`)
    screen.print(() => 'alice: hi')
    expect((await shown()).text).toBe(`alice: hi\n${status}\nguest › one`)
    await press('\u001b[B\u001b[B')
    expect((await shown()).text).toBe(`alice: hi\n${status}\nguest › draft`)
  })

  test.each([
    ['Ctrl-C', key.interrupt],
    ['Ctrl-D', key.end],
  ])('%s leaves, and the terminal is given back without the prompt', async (_name, keys) => {
    screen.print(() => 'alice: hi')
    await press(keys)
    expect(left).toBe(1)
    screen.close()
    screen.close()
    screen.print(() => '* bye')
    expect((await shown()).text).toBe('alice: hi\n* bye')
  })

  test('Ctrl-D in a line deletes the character at the cursor and does not leave', async () => {
    await press(`abc${key.home}${key.end}`)
    expect((await shown()).text).toBe(`${status}\nguest › bc`)
    expect(left).toBe(0)
  })

  test('the end of the input is the end of the terminal', async () => {
    input.end()
    await new Promise((resolve) => setImmediate(resolve))
    expect(gone).toBe(1)
  })

  test('closing tells what was typed', async () => {
    await press('half a sen')
    expect(screen.close()).toBe('half a sen')
    expect((await shown()).text).toBe('')
  })
})
