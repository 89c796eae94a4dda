import { describe, expect, it } from 'vitest'
import { barsOf } from '../../../benchmarks/src/comparison/chart.ts'
import { entries, takesPart, twinOf } from '../../../benchmarks/src/comparison/contestants.ts'
import { type RivalRound, slowestOf } from '../../../benchmarks/src/comparison/measure-rivals.ts'
import { readComparisonOptions } from '../../../benchmarks/src/comparison/options.ts'
import { digits, reportOf, rowNotes, rowTable } from '../../../benchmarks/src/comparison/report.ts'
import { type Measured, resultOf } from '../../../benchmarks/src/comparison/result.ts'
import { quickRows, rows } from '../../../benchmarks/src/comparison/rows.ts'
import type { Row } from '../../../benchmarks/support/rival/row.ts'

const row: Row = {
  ...{
    name: 'alone',
    title: 'a call at a time',
    kind: 'call',
    connections: 1,
    inFlight: 1,
    messageBytes: 64,
  },
  ...{ isTimed: true, isLoadOpened: true },
}
const [ours, epoll, , , , nest] = entries
const names = [ours!.name, nest!.name]
const latencies = (p50Us: number) => ({ calls: 100, p50Us, p99Us: p50Us * 3, mostUs: p50Us * 9 })

/** A run with slices of these rates, and the corresponding CPU times. */
const run = (rates: readonly number[]) => ({
  slices: rates.map((unitsPerSecond) => ({
    unitsPerSecond,
    serverUs: 1e5 / unitsPerSecond,
    clientUs: 2e5 / unitsPerSecond,
    latencies: latencies(1e6 / unitsPerSecond),
  })),
  residentBytes: 64 * 2 ** 20,
  open: latencies(120),
})

const round = (ofOurs: readonly number[], ofNest: readonly number[]): RivalRound =>
  new Map([
    [ours!.name, run(ofOurs)],
    [nest!.name, run(ofNest)],
    [twinOf(ours!.name), run(ofOurs.map((rate) => rate * 1.02))],
  ])

const measured: Measured = {
  row,
  names,
  twins: [{ name: twinOf(ours!.name), of: ours!.name }],
  leftOut: ['birpc over ws'],
  rounds: [round([1000, 500], [500, 250]), round([1000, 1000], [250, 250])],
  openPerSecond: 125,
  bytesOfCall: new Map([[ours!.name, { serverBytes: 8200, clientBytes: 5600 }]]),
  idle: new Map(),
}

describe('the figures of a row', () => {
  const result = resultOf(measured)
  const [first, second] = result.figures

  it('are ratios of neighbouring slices, so that a machine that slows down does not change them', () => {
    expect(first?.speed).toEqual({ median: 1, lowest: 1, highest: 1 })
    expect(second?.speed).toEqual({ median: 0.375, lowest: 0.25, highest: 0.5 })
    expect(result.twins).toEqual([{ name: ours!.name, speed: { median: 1.02, lowest: 1.02, highest: 1.02 } }])
  })

  it('are medians of all slices and rounds, and are missing if nothing was measured', () => {
    expect(second).toMatchObject({ unitsPerSecond: 250, serverUs: 400, clientUs: 800, openP99Us: 360 })
    expect(first).toMatchObject({ serverBytes: 8200, clientBytes: 5600, closedP50Us: 1000, openP50Us: 120 })
    expect(second).not.toHaveProperty('serverBytes')
    expect(resultOf({ ...measured, row: { ...row, isTimed: false } }).figures[0]).not.toHaveProperty(
      'closedP50Us',
    )
  })

  it('contain the memory of an idle connection, and no speed', () => {
    const bytes = (bytesPerConnection: number) => ({ residentBytes: 2 ** 26, bytesPerConnection })
    const idle = resultOf({
      ...measured,
      row: { ...row, kind: 'idle' },
      rounds: [],
      idle: new Map(names.map((name) => [name, [bytes(3000), bytes(2048), bytes(1000)]])),
    })
    expect(idle.figures[1]).toEqual({ name: nest!.name, residentBytes: 2 ** 26, bytesPerConnection: 2048 })
    expect(idle.twins).toEqual([])
    expect(rowTable(idle).head).toEqual(['contestant', 'server MiB', 'KiB/connection'])
    expect(barsOf([idle], entries)).toEqual([])
  })

  it('include the slowest rate, of which half is the open load of all contestants', () => {
    expect(slowestOf(round([1000, 900, 100], [500, 400, 300]))).toBe(400)
  })
})

describe('the table of a row', () => {
  const result = resultOf(measured)

  it('has a column for each figure that any contestant has, and a dash for missing ones', () => {
    const { head, rows: lines } = rowTable(result)
    expect(head).toContain('calls/s')
    expect(head).toContain('p99 µs, open load')
    expect(head).not.toContain('KiB/connection')
    expect(lines[0]?.[head.indexOf('server KB/call')]).toBe('8.2')
    expect(lines[1]?.[head.indexOf('server KB/call')]).toBe('–')
  })

  it('shows how many times as fast the reference is, with the best and the worst round', () => {
    expect(rowTable(result).rows[1]?.[2]).toBe('2.67 (2.00–4.00)')
  })

  it('is followed by the open load, the effect of chance, and the contestants without such a call', () => {
    expect(rowNotes(result)).toEqual([
      'The open load is 125 calls a second, half the rate of the slowest contestant.',
      `The twin of ${ours!.name} is 1.02 (1.02–1.02) times as fast.`,
      'Left out, because they have no such call: birpc over ws.',
    ])
  })

  it('is Markdown below a heading', () => {
    const report = reportOf([result])
    expect(report).toMatch(/^### A call at a time\n\n\| contestant \| calls\/s \|/)
    expect(report).toContain('\n| --- | ---: |')
    expect(report).toContain(`\n| ${nest!.name} | 250 | 2.67 (2.00–4.00) |`)
  })

  it.each([
    [0.0123456, '0.0123'],
    [5.678, '5.68'],
    [99.95, '100'],
    [12_345.6, '12,346'],
  ])('writes %d as %s', (figure, text) => {
    expect(digits(figure)).toBe(text)
  })
})

describe('the chart', () => {
  it('has a labelled bar for each contestant of each row', () => {
    const bars = barsOf([resultOf(measured)], entries)
    expect(bars.map(({ contestant, role }) => [contestant, role])).toEqual([
      [ours!.name, 'ours'],
      [nest!.name, 'rival'],
    ])
    expect(bars[1]).toMatchObject({ row: row.title, speed: 0.375, lowest: 0.25, highest: 0.5 })
  })
})

describe('the options of bench:calls', () => {
  it('measure every contestant in every row by default', () => {
    expect(readComparisonOptions([], '/results')).toMatchObject({
      rows,
      entries: entries.filter(({ isApart }) => isApart !== true),
      rounds: 5,
      hasTwins: false,
      folder: '/results',
    })
    expect(readComparisonOptions(['--help'], '')).toBeUndefined()
  })

  it('measure less of each kind in a quick run, and a twin of each contestant in a long one', () => {
    expect(readComparisonOptions(['--quick'], '')).toMatchObject({ rows: quickRows, rounds: 1 })
    const long = readComparisonOptions(['--long', '--rounds', '3'], '')
    expect(long).toMatchObject({ rows, rounds: 3, hasTwins: true })
    expect(long!.warmUpSteps).toBeGreaterThan(readComparisonOptions([], '')!.warmUpSteps)
  })

  it('choose rows and contestants, of which the first is the reference', () => {
    const args = ['--row', 'upload', '--row', 'alone', '--contestants', 'nest, epoll']
    const options = readComparisonOptions(args, '')
    expect(options?.rows.map(({ name }) => name)).toEqual(['alone', 'upload'])
    expect(options?.entries).toEqual([nest, epoll])
  })

  it.each([
    [['--quick', '--long'], '--quick and --long exclude each other'],
    [['--row', 'x'], '--row: there is no x, only alone,'],
    [['--contestants', 'nest,x'], '--contestants: there is no x, only io_uring,'],
    [['--rounds', '1.5'], '--rounds is a whole number, not 1.5'],
    [['--rounds', '0'], '--rounds is a number from 1, not 0'],
  ])('refuse %j', (args, text) => {
    expect(() => readComparisonOptions(args, '')).toThrow(text)
  })
})

describe('the rows', () => {
  it('have unique names, and a contestant of this repository for each kind', () => {
    for (const list of [rows, quickRows]) {
      expect(new Set(list.map(({ name }) => name)).size).toBe(list.length)
      expect(list.filter(({ kind }) => !takesPart(ours!, kind))).toEqual([])
    }
  })

  it('omit contestants without such a call', () => {
    expect(takesPart(nest!, 'upload')).toBe(false)
    expect(takesPart(nest!, 'idle')).toBe(true)
  })
})
