import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { key, ScreenStage } from '../support/screen-stage.ts'

describe('The screen with a half-typed line', () => {
  let stage: ScreenStage
  beforeEach(() => {
    stage = new ScreenStage()
  })
  afterEach(() => stage.screen.close())

  const status = `── lobby · 2 here ${'─'.repeat(21)}`

  test('shows the status and the prompt', async () => {
    expect((await stage.shown()).text).toBe(`${status}\nguest ›`)
  })

  test('prints an incoming row above the half-typed line, which does not change', async () => {
    await stage.press('hel')
    stage.screen.print(() => 'alice: hi')
    expect((await stage.shown()).text).toBe(`alice: hi\n${status}\nguest › hel`)
    await stage.press('lo')
    stage.screen.print(() => 'alice: bye')
    expect((await stage.shown()).text).toBe(`alice: hi\nalice: bye\n${status}\nguest › hello`)
    expect(stage.emulator.cursor.column).toBe('guest › hello'.length)
    expect(stage.typed.at(-1)).toBe('hello')
  })

  test('keeps the cursor at its place in the line', async () => {
    await stage.press(`hello${key.left}${key.left}`)
    stage.screen.print(() => 'alice: hi')
    expect((await stage.shown()).cursor).toEqual({ row: 2, column: 'guest › hel'.length })
    await stage.press('X')
    expect((await stage.shown()).text).toContain('guest › helXlo')
  })

  test('keeps a half-typed line of several rows complete, for every place of the cursor', async () => {
    const long = 'abcdefghij'.repeat(11)
    await stage.press(long)
    const typedRow = `guest › ${long}`
    const rows = [typedRow.slice(0, 40), typedRow.slice(40, 80), typedRow.slice(80)]
    expect((await stage.shown()).rows).toEqual([status, ...rows])
    stage.screen.print(() => 'alice: hi')
    expect((await stage.shown()).rows).toEqual(['alice: hi', status, ...rows])
    await stage.press(key.home)
    stage.screen.print(() => 'alice: still here')
    expect((await stage.shown()).rows).toEqual(['alice: hi', 'alice: still here', status, ...rows])
    expect(stage.emulator.cursor).toEqual({ row: 3, column: 'guest › '.length })
  })

  test('moves the cursor to the next row after a full row, and back', async () => {
    await stage.press('x'.repeat(32))
    stage.screen.print(() => 'alice: hi')
    expect((await stage.shown()).cursor).toEqual({ row: 3, column: 0 })
    await stage.press(key.back)
    expect((await stage.shown()).cursor).toEqual({ row: 2, column: 39 })
    expect(stage.emulator.rows).toEqual(['alice: hi', status, `guest › ${'x'.repeat(31)}`])
  })

  test('shows the rows around the cursor if the line has more rows than the terminal, and leaves no remains', async () => {
    stage.screen.close()
    stage.open(20, 6)
    stage.screen.print(() => 'alice: hi')
    await stage.press('0123456789'.repeat(30))
    const visible = ['alice: hi', '── lobby · 2 here ─']
    expect((await stage.shown()).visibleRows.slice(-4)).toEqual([
      visible[1],
      '23456789012345678901',
      '23456789012345678901',
      '23456789',
    ])
    await stage.press(key.home)
    expect((await stage.shown()).visibleRows.slice(-4, -2)).toEqual([visible[1], 'guest › 012345678901'])
    expect(stage.emulator.cursor.column).toBe('guest › '.length)
    await stage.press('\u000b')
    expect((await stage.shown()).text.match(/──/g)).toHaveLength(1)
    expect(stage.emulator.rows).toEqual([...visible, 'guest ›'])
  })

  test('keeps the prompt in its place after rows that are wider than the terminal', async () => {
    await stage.press('hello')
    stage.screen.print(() => 'x'.repeat(95))
    stage.screen.print(() => 'alice: hi')
    const wide = ['x'.repeat(40), 'x'.repeat(40), 'x'.repeat(15)]
    expect((await stage.shown()).rows).toEqual([...wide, 'alice: hi', status, 'guest › hello'])
  })

  test('prints the immediate result of a line where the line was', async () => {
    stage.screen.print(() => 'alice: hi')
    await stage.press('print one\rprint two\r')
    expect((await stage.shown()).text).toBe(`alice: hi\none\ntwo\n${status}\nguest ›`)
  })

  test('places the cursor correctly after wide characters', async () => {
    await stage.press('山田さん')
    stage.screen.print(() => 'alice: hi')
    expect((await stage.shown()).text).toBe(`alice: hi\n${status}\nguest › 山田さん`)
    expect(stage.emulator.cursor.column).toBe('guest › '.length + 8)
  })

  test('shows who is typing, and does not move the line', async () => {
    await stage.press('hel')
    stage.facts.typing = ['alice']
    stage.screen.refresh()
    expect((await stage.shown()).text).toBe(
      `── lobby · 2 here · alice is typing ${'─'.repeat(3)}\nguest › hel`,
    )
    stage.facts.typing = []
    stage.screen.refresh()
    expect((await stage.shown()).text).toBe(`${status}\nguest › hel`)
  })

  test('fits the status into a terminal of a few columns', async () => {
    stage.screen.close()
    stage.open(12)
    expect((await stage.shown()).rows[0]).toBe('── lobby ·')
    expect(stage.emulator.rows).toHaveLength(2)
  })

  test('shows other rows above the status, and removes them without moving the line', async () => {
    await stage.press('hel')
    stage.above.push('↓ notes.pdf  50 %', '↑ x  10 %')
    stage.screen.refresh()
    expect((await stage.shown()).text).toBe(`↓ notes.pdf  50 %\n↑ x  10 %\n${status}\nguest › hel`)
    stage.screen.print(() => 'alice: hi')
    await stage.press('lo')
    stage.above.length = 0
    stage.screen.refresh()
    expect((await stage.shown()).text).toBe(`alice: hi\n${status}\nguest › hello`)
  })

  test.each([
    [2, []],
    [7, ['status']],
    [8, ['3', 'status']],
    [20, ['1', '2', '3', 'status']],
  ])('with %i rows uses only a few of them for the rows above the line', async (rows, shown) => {
    stage.screen.close()
    stage.above.push('1', '2', '3')
    stage.open(40, rows)
    const above = shown.map((row) => (row === 'status' ? status : row))
    expect((await stage.shown()).rows).toEqual([...above, 'guest ›'])
  })

  test('with two rows uses both of them for the line', async () => {
    stage.screen.close()
    stage.open(20, 2)
    stage.screen.print(() => 'alice: hi')
    await stage.press('hello')
    expect((await stage.shown()).rows).toEqual(['alice: hi', 'guest › hello'])
  })

  test.each([
    [40, 20],
    [25, 30],
    [13, 80],
  ])('shows every row once after a change from 60 columns to %i, then %i', async (first, second) => {
    stage.screen.close()
    stage.open(60, 12)
    stage.screen.print(() => 'alice: a row of the chat that is longer than thirty columns')
    await stage.press('a half-typed line that is longer than a row of some terminals')
    await stage.resize(first)
    await stage.resize(second)
    stage.screen.print(() => 'bob: hi')
    // The emulator drops blanks at the ends of rows, so the comparison ignores all blanks.
    const rows = (await stage.shown()).visibleRows.join('').replaceAll(' ', '')
    for (const part of ['alice:arow', 'thirtycolumns', 'bob:hi', '──lobby', 'guest›ahalf', 'someterminals']) {
      expect({ part, pieces: rows.split(part).length }).toEqual({ part, pieces: 2 })
    }
    expect(rows).toMatch(/someterminals$/)
  })

  test('restores a refused line, unless another one has been started', async () => {
    expect(stage.screen.restore('too long')).toBe(true)
    expect((await stage.shown()).text).toBe(`${status}\nguest › too long`)
    expect(stage.screen.restore('another')).toBe(false)
    stage.screen.close()
    expect(stage.screen.restore('after the end')).toBe(false)
  })

  test('returns the unsent text when it is closed', async () => {
    await stage.press('half a sen')
    expect(stage.screen.close()).toBe('half a sen')
    expect((await stage.shown()).text).toBe('')
  })
})
