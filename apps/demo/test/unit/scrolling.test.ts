import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { ScreenRows } from '../../src/terminal/screen-rows.ts'
import { key, ScreenStage } from '../support/screen-stage.ts'

const rowsOf = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => () => `row ${from + index}`)
const textsOf = (from: number, to: number) => rowsOf(from, to).map((row) => row())

describe('A screen that is scrolled', () => {
  let stage: ScreenStage
  beforeEach(() => {
    stage = new ScreenStage()
    stage.screen.close()
    // The status and the line take two of the ten rows.
    stage.open(40, 10)
    for (const row of rowsOf(1, 30)) stage.screen.print(row)
  })
  afterEach(() => stage.screen.close())

  const visible = async () => (await stage.shown()).visibleRows.filter((row) => row.startsWith('row'))

  test('shows the page above, with one row of overlap, and comes back', async () => {
    expect(await visible()).toEqual(textsOf(23, 30))
    await stage.press(key.pageUp)
    expect(await visible()).toEqual(textsOf(16, 23))
    expect((await stage.shown()).text).toContain('\n7 newer\n')
    await stage.press(key.pageUp)
    expect(await visible()).toEqual(textsOf(9, 16))
    await stage.press(key.pageDown)
    expect(await visible()).toEqual(textsOf(16, 23))
    await stage.press(key.pageDown + key.pageDown)
    expect(await visible()).toEqual(textsOf(23, 30))
    expect((await stage.shown()).text).not.toContain('newer')
  })

  test('keeps its place when rows arrive, and shows the newest row when a line is entered', async () => {
    await stage.press(`half${key.pageUp}`)
    stage.screen.print(() => 'row 31')
    expect(await visible()).toEqual(textsOf(16, 23))
    expect((await stage.shown()).text).toMatch(/8 newer\nguest › half$/)
    await stage.press('\r')
    expect(await visible()).toEqual(textsOf(24, 31))
    expect(stage.lines).toEqual(['half'])
  })

  test('requests older rows at its top, and shows them above', async () => {
    for (let times = 0; times < 6; times += 1) await stage.press(key.pageUp)
    expect(stage.askedOlder.at(-1)).toEqual(textsOf(1, 30))
    expect(await visible()).toEqual(textsOf(1, 8))
    stage.screen.addOlder([() => 'row -1', () => 'row 0'])
    expect(await visible()).toEqual(['row -1', 'row 0', ...textsOf(1, 6)])
    await stage.press(key.pageUp)
    expect(stage.askedOlder.at(-1)).toEqual(['row -1', 'row 0', ...textsOf(1, 30)])
  })

  test('puts older rows of a room before its first row, and then continues with the previous room', async () => {
    stage.screen.beginRoom()
    stage.screen.print(() => 'row of dev')
    await stage.press(key.pageUp)
    expect(stage.askedOlder).toEqual([['row of dev']])
    expect(await visible()).toEqual([...textsOf(24, 30), 'row of dev'])
    stage.screen.addOlder([() => 'row older', () => 'row old'])
    expect(await visible()).toEqual([...textsOf(26, 30), 'row older', 'row old', 'row of dev'])
    stage.hasOlder = false
    await stage.press(key.pageUp)
    expect(await visible()).toEqual(textsOf(19, 26))
    await stage.press(key.pageUp)
    expect(stage.askedOlder).toHaveLength(2)
    expect(await visible()).toEqual(textsOf(12, 19))
  })

  test('shows older rows if the person waits for them, and otherwise does not move', async () => {
    stage.screen.beginRoom()
    for (const row of rowsOf(31, 50)) stage.screen.print(row)
    for (let times = 0; times < 3; times += 1) await stage.press(key.pageUp)
    expect(await visible()).toEqual(textsOf(29, 36))
    await stage.press(key.pageUp)
    await stage.press('\r')
    stage.screen.addOlder([() => 'row old'])
    expect(await visible()).toEqual(textsOf(43, 50))
  })

  test('shows the newest rows when it is closed', async () => {
    await stage.press(key.pageUp)
    stage.screen.close()
    expect(await visible()).toEqual(textsOf(23, 30))
  })

  test('is drawn again at the same place after a change of its size', async () => {
    await stage.press(key.pageUp)
    await stage.resize(60, 8)
    await stage.press(key.redraw)
    expect(await visible()).toEqual(textsOf(18, 23))
  })
})

describe('The rows of a screen', () => {
  const room = { columns: 40, rows: 10 }

  test('have a limit at the newest row, and another one while the screen is scrolled', () => {
    const rows = new ScreenRows([], 0)
    for (const row of rowsOf(1, 3_000)) rows.add(row)
    expect(rows.ofRoom).toHaveLength(limits.screenRowsKept)
    rows.pageUp(room)
    while (!rows.isFull) rows.addOlder(rowsOf(1, 50), room)
    for (const row of rowsOf(1, 100)) rows.add(row)
    expect(rows.ofRoom).toHaveLength(limits.scrolledRowsMax)
    expect(rows.isScrolled).toBe(true)
    rows.toNewest()
    expect(rows.ofRoom).toHaveLength(limits.screenRowsKept)
  })

  test('are scrolled even if they are higher than the terminal', () => {
    const rows = new ScreenRows([() => 'top', () => 'x'.repeat(1_000), () => 'end'], 0)
    for (let times = 0; times < 4; times += 1) rows.pageUp(room)
    expect(rows.window(room).texts).toEqual(['top'])
    for (let times = 0; times < 4; times += 1) rows.pageDown(room)
    expect([rows.window(room).texts, rows.isScrolled]).toEqual([['end'], false])
  })

  test('fill a terminal that is higher than all of them', () => {
    const rows = new ScreenRows(rowsOf(1, 5), 2)
    rows.pageUp(room)
    expect(rows.window(room).texts).toEqual(textsOf(1, 5))
    expect(rows.isScrolled).toBe(false)
    expect(rows.isRoomBeginInSight(room)).toBe(true)
  })
})
