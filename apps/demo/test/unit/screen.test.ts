import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { key, ScreenStage } from '../support/screen-stage.ts'

describe('the screen with a line being typed', () => {
  let stage: ScreenStage
  beforeEach(() => {
    stage = new ScreenStage()
  })
  afterEach(() => stage.screen.close())

  const status = `── lobby · 2 here ${'─'.repeat(21)}`

  test('shows the status and the prompt', async () => {
    expect((await stage.shown()).text).toBe(`${status}\nguest ›`)
  })

  test('an incoming row lands above the half-typed line, which stays as it was', async () => {
    await stage.press('hel')
    stage.screen.print(() => 'alice: hi')
    expect((await stage.shown()).text).toBe(`alice: hi\n${status}\nguest › hel`)
    await stage.press('lo')
    stage.screen.print(() => 'alice: bye')
    expect((await stage.shown()).text).toBe(`alice: hi\nalice: bye\n${status}\nguest › hello`)
    expect(stage.emulator.cursor.column).toBe('guest › hello'.length)
    expect(stage.typed.at(-1)).toBe('hello')
  })

  test('the cursor stays inside the line where it was', async () => {
    await stage.press(`hello${key.left}${key.left}`)
    stage.screen.print(() => 'alice: hi')
    expect((await stage.shown()).cursor).toEqual({ row: 2, column: 'guest › hel'.length })
    await stage.press('X')
    expect((await stage.shown()).text).toContain('guest › helXlo')
  })

  test('a half-typed line of several rows stays whole, wherever the cursor is in it', async () => {
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

  test('a line that fills its row puts the cursor into the next one, and back', async () => {
    await stage.press('x'.repeat(32))
    stage.screen.print(() => 'alice: hi')
    expect((await stage.shown()).cursor).toEqual({ row: 3, column: 0 })
    await stage.press(key.back)
    expect((await stage.shown()).cursor).toEqual({ row: 2, column: 39 })
    expect(stage.emulator.rows).toEqual(['alice: hi', status, `guest › ${'x'.repeat(31)}`])
  })

  test('a line with more rows than the terminal shows those around the cursor, and leaves nothing behind', async () => {
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

  test('rows wider than the terminal do not push the prompt out of place', async () => {
    await stage.press('hello')
    stage.screen.print(() => 'x'.repeat(95))
    stage.screen.print(() => 'alice: hi')
    const wide = ['x'.repeat(40), 'x'.repeat(40), 'x'.repeat(15)]
    expect((await stage.shown()).rows).toEqual([...wide, 'alice: hi', status, 'guest › hello'])
  })

  test('what a line prints at once stands where the line was', async () => {
    stage.screen.print(() => 'alice: hi')
    await stage.press('print one\rprint two\r')
    expect((await stage.shown()).text).toBe(`alice: hi\none\ntwo\n${status}\nguest ›`)
  })

  test('wide characters keep the cursor right', async () => {
    await stage.press('山田さん')
    stage.screen.print(() => 'alice: hi')
    expect((await stage.shown()).text).toBe(`alice: hi\n${status}\nguest › 山田さん`)
    expect(stage.emulator.cursor.column).toBe('guest › '.length + 8)
  })

  test('who is typing appears without moving the line', async () => {
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

  test('a terminal of a few columns gets a status that fits', async () => {
    stage.screen.close()
    stage.open(12)
    expect((await stage.shown()).rows[0]).toBe('── lobby ·')
    expect(stage.emulator.rows).toHaveLength(2)
  })

  test('other rows stand above the status, and go without moving the line', async () => {
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
  ])('a terminal of %i rows leaves most of them to the chat and the line', async (rows, shown) => {
    stage.screen.close()
    stage.above.push('1', '2', '3')
    stage.open(40, rows)
    const above = shown.map((row) => (row === 'status' ? status : row))
    expect((await stage.shown()).rows).toEqual([...above, 'guest ›'])
  })

  test('a terminal of two rows keeps them for the line', async () => {
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
  ])('after a change from 60 columns to %i, then %i, every row is there once', async (first, second) => {
    stage.screen.close()
    stage.open(60, 12)
    stage.screen.print(() => 'alice: a row of the chat that is longer than thirty columns')
    await stage.press('a half-typed line that is longer than a row of some terminals')
    await stage.resize(first)
    await stage.resize(second)
    stage.screen.print(() => 'bob: hi')
    // Blanks at the ends of rows are lost, so blanks do not count.
    const rows = (await stage.shown()).visibleRows.join('').replaceAll(' ', '')
    for (const part of ['alice:arow', 'thirtycolumns', 'bob:hi', '──lobby', 'guest›ahalf', 'someterminals']) {
      expect({ part, pieces: rows.split(part).length }).toEqual({ part, pieces: 2 })
    }
    expect(rows).toMatch(/someterminals$/)
  })

  test('a refused line comes back, unless another one was begun', async () => {
    expect(stage.screen.restore('too long')).toBe(true)
    expect((await stage.shown()).text).toBe(`${status}\nguest › too long`)
    expect(stage.screen.restore('another')).toBe(false)
    stage.screen.close()
    expect(stage.screen.restore('after the end')).toBe(false)
  })

  test('closing tells what was typed', async () => {
    await stage.press('half a sen')
    expect(stage.screen.close()).toBe('half a sen')
    expect((await stage.shown()).text).toBe('')
  })
})
