import { describe, expect, test } from 'vitest'
import { colorsFor } from '../../src/colors.ts'
import type { FiguresRow, FiguresTable } from '../../src/figures-contract.ts'
import { displayWidth } from '../../src/terminal/display-width.ts'
import { figuresRows } from '../../src/terminal/figures-rows.ts'
import { noticeColumns } from '../../src/terminal/paint.ts'

const plain = colorsFor({}, {})

const row = (server: string, more: Partial<FiguresRow> = {}): FiguresRow => ({
  server,
  label: '',
  backend: 'io_uring',
  connections: 120,
  away: 3,
  queuedBytes: 34_000,
  slow: 1,
  cutOff: 0,
  rates: { calls: 34.56, callsFailed: 0, events: 3_412.4, bytesSent: 812_000, longestCallMs: 1_234 },
  ...more,
})
const table = (...servers: FiguresRow[]): FiguresTable => ({ here: servers[0]?.server ?? '', servers })
const drawn = (of: FiguresTable, width = 79, rowsMax?: number) =>
  figuresRows(of, rowsMax === undefined ? { width } : { width, rowsMax }, plain)

describe('The statistics in a terminal', () => {
  test('of one server are a heading and a row, with each figure below its name', () => {
    expect(drawn(table(row('4f2a9c11-aaaa')), 120)).toEqual([
      'server    back end  conns  away  calls/s  failed/s  longest  events/s   sent/s   queued  slow  cut off',
      '4f2a9c11  io_uring    120     3       35         0    1.2 s     3,412   812 kB  34.0 kB     1        0',
    ])
  })

  test('of several servers have a sum, without servers that are gone', () => {
    const rows = drawn(
      table(row('aaaaaaaa'), row('bbbbbbbb', { label: 'worker 2' }), row('cccccccc', { silentMs: 4_200 })),
      79,
    )
    expect(rows).toEqual([
      'server      back end  conns  calls/s  longest  events/s   queued  slow  cut off',
      'aaaaaaaa *  io_uring    120       35    1.2 s     3,412  34.0 kB     1        0',
      'worker 2    io_uring    120       35    1.2 s     3,412  34.0 kB     1        0',
      'cccccccc    gone for 4 s',
      'all                     240       69    1.2 s     6,825  68.0 kB     2        0',
    ])
  })

  test('that are unknown are dashes', () => {
    expect(drawn(table(row('aaaaaaaa', { rates: undefined })))[1]).toMatch(
      /^aaaaaaaa {2}io_uring +120 +– +– +– +34.0 kB/,
    )
  })

  test.each([120, 79, noticeColumns, 40, 20, 5, 1])('are no wider than %i columns', (width) => {
    const wide = row('x', { label: '漢字'.repeat(4), connections: 9_007_199_254_740_991 })
    for (const text of drawn(table(wide, row('b'), row('c', { silentMs: 9_000 })), width))
      expect(displayWidth(text)).toBeLessThanOrEqual(width)
  })

  test('fit into 80 columns as notices, with the most important figures', () => {
    const [heading] = drawn(table(row('aaaaaaaa'), row('bbbbbbbb')), noticeColumns)
    for (const title of ['back end', 'conns', 'calls/s', 'events/s', 'queued', 'slow'])
      expect(heading).toContain(title)
  })

  test('need no more rows than there are, and show the servers with the most connections', () => {
    const many = table(
      ...Array.from({ length: 9 }, (_, index) => row(`server-${index}`, { connections: index * 10 })),
    )
    const names = (rowsMax: number) => drawn(many, 79, rowsMax).map((text) => text.split('  ')[0])
    expect(names(4)).toEqual(['server', 'server-7', 'server-8', 'all 9'])
    expect(names(2)).toEqual(['server', 'all 9'])
    expect(names(1)).toEqual(['The figures need a taller window.'])
    expect(names(0)).toEqual([])
  })

  test('escape characters that can control a terminal', () => {
    const evil = row('a\u001b[2J', { backend: '\u001b]0;x\u0007' })
    expect(drawn(table(evil, row('b', { label: '\u202egnp' })), 120).join('\n')).not.toMatch(
      /[^\n\P{Cc}]|\u202e/u,
    )
  })
})
