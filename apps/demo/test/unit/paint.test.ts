import { describe, expect, test } from 'vitest'
import { colorsFor } from '../../src/colors.ts'
import { nameColor, painted } from '../../src/terminal/paint.ts'

const tty = { isTTY: true }
const line = {
  kind: 'line',
  atMs: new Date(2024, 0, 1, 9, 5).getTime(),
  name: 'alice',
  text: 'hi',
  past: false,
} as const

describe('Colours', () => {
  test('are used on a terminal, unless its user refused them or it has none', () => {
    expect(colorsFor(tty, { TERM: 'xterm' }).isColorSupported).toBe(true)
    expect(colorsFor(tty, { TERM: 'xterm', NO_COLOR: '' }).isColorSupported).toBe(true)
    expect(colorsFor(tty, { TERM: 'xterm', NO_COLOR: '1' }).isColorSupported).toBe(false)
    expect(colorsFor(tty, { TERM: 'dumb' }).isColorSupported).toBe(false)
    expect(colorsFor({}, { TERM: 'xterm', CI: '1', FORCE_COLOR: '1' }).isColorSupported).toBe(false)
  })

  test('are the same for all spellings of a name, and differ between names', () => {
    expect(nameColor('Alice')).toBe(nameColor('alice'))
    const colors = new Set(['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace'].map(nameColor))
    expect(colors.size).toBeGreaterThan(3)
  })
})

describe('A painted row', () => {
  const plain = colorsFor({}, {})
  const colourful = colorsFor(tty, { TERM: 'xterm' })

  test('has the time, and all texts start in the same column', () => {
    expect(painted(line, plain, 'bob', 80)).toBe('09:05     alice: hi')
    expect(painted({ ...line, name: 'bo' }, plain, 'bob', 80)).toBe('09:05        bo: hi')
    expect(painted({ kind: 'notice', text: 'bob joined' }, plain, 'bob', 80)).toBe(
      '               * bob joined',
    )
    expect(painted({ ...line, name: 'a-very-long-name' }, plain, 'bob', 80)).toBe(
      '09:05 a-very-long-name: hi',
    )
  })

  test('starts at the left on a narrow terminal', () => {
    expect(painted(line, plain, 'bob', 60)).toBe('09:05     alice: hi')
    expect(painted(line, plain, 'bob', 59)).toBe('09:05 alice: hi')
    expect(painted({ kind: 'notice', text: 'bob joined' }, plain, 'bob', 59)).toBe('* bob joined')
    expect(painted({ kind: 'fault', text: 'no' }, plain, 'bob', 59)).toBe('! no')
  })

  test('has the name and the text together if colours are off', () => {
    expect(painted(line, plain, 'alice', 80)).toContain('alice: hi')
  })

  test('keeps its own escape sequences, and writes out those in a text', () => {
    const row = painted({ ...line, text: '\u001b[2J' }, colourful, 'bob', 80)
    expect(row).toContain('<U+001B>[2J')
    expect(row).not.toContain('\u001b[2J')
    expect(row).toContain('\u001b[')
  })
})
