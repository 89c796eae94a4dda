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
}

describe('the screen with a line being typed', () => {
  const typed: string[] = []
  const lines: string[] = []
  let left = 0
  let input = new PassThrough()
  let emulator = new ScreenEmulator(40)
  let screen: Screen
  const facts = { room: 'lobby', members: 2, typing: [] as string[] }

  beforeEach(() => {
    lines.length = 0
    typed.length = 0
    left = 0
    facts.typing = []
    input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
    open(40)
  })
  afterEach(() => screen.close())

  function open(columns: number): void {
    emulator = new ScreenEmulator(columns)
    const terminal = emulator
    const output = new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        terminal.write(chunk)
        done()
      },
    })
    screen = new Screen(
      input as unknown as ReadStream,
      Object.assign(output, { isTTY: true, columns, rows: 20 }) as unknown as WriteStream,
      { status: (width) => statusRow(facts, width, colorsFor({}, {})), prompt: 'guest › ' },
      {
        line: (line) => {
          lines.push(line)
          if (line.startsWith('print ')) screen.print(line.slice(6))
        },
        typed: (line) => typed.push(line),
        leave: () => {
          left += 1
        },
        complete: (line) => [['/help'].filter((word) => word.startsWith(line)), line],
      },
    )
  }

  /** readline reads keys in a later turn of the event loop. */
  async function press(keys: string): Promise<void> {
    input.write(keys)
    await new Promise((resolve) => setImmediate(resolve))
  }

  const status = `── lobby · 2 here ${'─'.repeat(21)}`

  test('shows the status and the prompt', () => {
    expect(emulator.text).toBe(`${status}\nguest ›`)
  })

  test('an incoming row lands above the half-typed line, which stays as it was', async () => {
    await press('hel')
    screen.print('alice: hi')
    expect(emulator.text).toBe(`alice: hi\n${status}\nguest › hel`)
    await press('lo')
    screen.print('alice: bye')
    expect(emulator.text).toBe(`alice: hi\nalice: bye\n${status}\nguest › hello`)
    expect(emulator.cursor.column).toBe('guest › hello'.length)
    expect(typed.at(-1)).toBe('hello')
  })

  test('the cursor stays inside the line where it was', async () => {
    await press(`hello${key.left}${key.left}`)
    screen.print('alice: hi')
    expect(emulator.cursor).toEqual({ row: 2, column: 'guest › hel'.length })
    await press('X')
    expect(emulator.text).toContain('guest › helXlo')
  })

  test('a half-typed line of several rows stays whole, wherever the cursor is in it', async () => {
    const long = 'abcdefghij'.repeat(11)
    await press(long)
    const shown = `guest › ${long}`
    const rows = [shown.slice(0, 40), shown.slice(40, 80), shown.slice(80)]
    expect(emulator.rows).toEqual([status, ...rows])
    screen.print('alice: hi')
    expect(emulator.rows).toEqual(['alice: hi', status, ...rows])
    await press(key.home)
    screen.print('alice: still here')
    expect(emulator.rows).toEqual(['alice: hi', 'alice: still here', status, ...rows])
    expect(emulator.cursor).toEqual({ row: 3, column: 'guest › '.length })
  })

  test('rows wider than the terminal do not push the prompt out of place', async () => {
    await press('hello')
    screen.print('x'.repeat(95))
    screen.print('alice: hi')
    const wide = ['x'.repeat(40), 'x'.repeat(40), 'x'.repeat(15)]
    expect(emulator.rows).toEqual([...wide, 'alice: hi', status, 'guest › hello'])
  })

  test('return takes the typed line away: what it did is shown, not what was typed', async () => {
    await press('hello\r')
    expect(lines).toEqual(['hello'])
    expect(emulator.text).toBe(`${status}\nguest ›`)
    await press(`${'long '.repeat(20)}${key.home}\r`)
    expect(emulator.text).toBe(`${status}\nguest ›`)
  })

  test('what a line prints at once stands where the line was', async () => {
    screen.print('alice: hi')
    await press('print one\rprint two\r')
    expect(emulator.text).toBe(`alice: hi\none\ntwo\n${status}\nguest ›`)
  })

  test('a pasted page becomes its lines', async () => {
    await press('one\ntwo\r\nthree\nfou')
    expect(lines).toEqual(['one', 'two', 'three'])
    expect(emulator.text).toBe(`${status}\nguest › fou`)
  })

  test('wide characters keep the cursor right', async () => {
    await press('山田さん')
    screen.print('alice: hi')
    expect(emulator.text).toBe(`alice: hi\n${status}\nguest › 山田さん`)
    expect(emulator.cursor.column).toBe('guest › '.length + 8)
  })

  test('who is typing appears without moving the line', async () => {
    await press('hel')
    facts.typing = ['alice']
    screen.refresh()
    expect(emulator.text).toBe(`── lobby · 2 here · alice is typing ${'─'.repeat(3)}\nguest › hel`)
    facts.typing = []
    screen.refresh()
    expect(emulator.text).toBe(`${status}\nguest › hel`)
  })

  test('a terminal of a few columns gets a status that fits', () => {
    screen.close()
    open(12)
    expect(emulator.rows[0]).toBe('── lobby ·')
    expect(emulator.rows).toHaveLength(2)
  })

  test('Tab completes a command', async () => {
    await press('/he\t')
    expect(emulator.text).toBe(`${status}\nguest › /help`)
  })

  test.each([
    ['Ctrl-C', key.interrupt],
    ['Ctrl-D', key.end],
  ])('%s leaves, and the terminal is given back without the prompt', async (_name, keys) => {
    screen.print('alice: hi')
    await press(keys)
    expect(left).toBe(1)
    screen.close()
    screen.close()
    screen.print('* bye')
    expect(emulator.text).toBe('alice: hi\n* bye')
  })
})
