import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { colorsFor } from '../../src/colors.ts'
import { limits } from '../../src/limits.ts'
import { FileProgress } from '../../src/member/file-progress.ts'
import { firstUnsafeCharacter } from '../../src/safe-text.ts'
import { displayWidth } from '../../src/terminal/display-width.ts'
import { progressRows } from '../../src/terminal/files/progress-row.ts'
import { type RunningFile, RunningFiles } from '../../src/terminal/files/running-files.ts'

const plain = colorsFor({}, {})
let nowMs = 0
const file = (name: string, bytes: number, waitsFor = 'waits') =>
  new FileProgress('in', { name, bytes }, waitsFor, () => nowMs)

beforeEach(() => {
  nowMs = 0
})

function moving(name: string, bytes: number, doneBytes: number, inMs: number): FileProgress {
  const progress = file(name, bytes)
  progress.waitsFor = undefined
  progress.moved(0)
  nowMs += inMs
  progress.moved(doneBytes)
  return progress
}

describe('The row of a file', () => {
  test('shows the progress, the rate and the time left', () => {
    const progress = moving('notes.pdf', 1_200_000, 600_000, 2_000)
    expect(progressRows([progress], 100, plain)).toEqual([
      '↓ notes.pdf ████████████░░░░░░░░░░░░  50 % · 600 kB of 1.2 MB · 300 kB/s · 2 s left',
    ])
  })

  test('shows less in a narrow terminal, and is never wider', () => {
    const names = [
      'notes.pdf',
      '山田さんの写真.jpeg',
      `${'x'.repeat(200)}.pdf`,
      '\u001b[2J\u202e',
      '👩‍👩‍👧👩‍👩‍👧.png',
    ]
    const widths = new Set<number>()
    for (const name of names) {
      for (const waitsFor of [undefined, 'waits for something that has a long name']) {
        const progress = moving(name, 1_200_000_000, 400_000_000, 3_000)
        progress.waitsFor = waitsFor
        for (let columns = 1; columns <= 120; columns += 1) {
          const [row = ''] = progressRows([progress], columns, plain)
          expect(displayWidth(row)).toBeLessThan(columns)
          expect(firstUnsafeCharacter(row)).toBeUndefined()
          widths.add(displayWidth(row))
        }
      }
    }
    expect(widths.size).toBeGreaterThan(40)
    const progress = moving('notes.pdf', 1_200_000, 600_000, 2_000)
    expect(progressRows([progress], 40, plain)).toEqual(['↓ notes.pdf ███████████░░░░░░░░░░  50 %'])
  })

  test('keeps the extension of a long name', () => {
    expect(progressRows([file(`${'x'.repeat(200)}.pdf`, 1)], 60, plain)[0]).toBe(
      `↓ ${'x'.repeat(12)}…xx.pdf waits`,
    )
  })

  test('shows 100 % only at the last byte, and for an empty file', () => {
    expect(progressRows([moving('x', 1_000, 999, 1)], 60, plain)[0]).toContain(' 99 %')
    expect(progressRows([moving('x', 1_000, 1_000, 1)], 60, plain)[0]).toContain('100 %')
    expect(progressRows([moving('x', 0, 0, 1)], 60, plain)[0]).toContain('100 %')
    expect(moving('x', 1_000, 5_000, 1).share).toBe(1)
  })

  test.each([
    [59_000, '59 s left'],
    [61_000, '1 min 1 s left'],
    [3_660_000, '1 h 1 min left'],
  ])('shows %i ms as the time left', (leftMs, text) => {
    const progress = moving('x', 1_000 + leftMs, 1_000, 1_000)
    expect(progressRows([progress], 100, plain)[0]).toContain(text)
  })

  test('shows the rate of the last seconds: a stalled transfer has the rate 0 and no time left', () => {
    const progress = moving('x', 1_000_000, 500_000, 1_000)
    const rates: (number | undefined)[] = []
    for (let drawing = 0; drawing < 30; drawing += 1) {
      nowMs += limits.progressIntervalMs
      rates.push(progress.bytesPerSecond)
    }
    expect(rates[0]).toBeCloseTo(500_000 / 1.2)
    expect(rates.at(-1)).toBe(0)
    expect(progressRows([progress], 100, plain)[0]).toMatch(/ 50 % · 500 kB of 1\.0 MB · 0 B\/s$/)
  })

  test('names the takers for whom a stalled transfer waits', () => {
    const progress = moving('notes.pdf', 1_200_000, 600_000, 2_000)
    progress.heldUpBy = 'bob and ca\u001brol'
    expect(progressRows([progress], 80, plain)).toEqual([
      '↓ notes.pdf ████░░░░  50 % · waits for bob and ca<U+001B>rol · 600 kB of 1.2 MB',
    ])
  })

  test('is shown for a limited number of files, and the others are counted', () => {
    const files = Array.from({ length: limits.progressRowsMax + 2 }, (_, index) => file(`file${index}`, 1))
    const rows = progressRows(files, 60, plain)
    expect(rows).toHaveLength(limits.progressRowsMax + 1)
    expect(rows.at(-1)).toBe('  and 2 more: /files')
    expect(progressRows([], 60, plain)).toEqual([])
  })
})

describe('Running files', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  const running = (progress: FileProgress): RunningFile => ({ progress, controller: new AbortController() })

  test('are reported periodically while there are any, and by quarters if there are no bars', async () => {
    const told: string[] = []
    let drawn = 0
    const files = new RunningFiles({ changed: () => (drawn += 1), tell: (text) => told.push(text) })
    const one = running(file('x', 1_000))
    let end!: () => void
    const done = files.run(one, () => new Promise<void>((resolve) => (end = resolve)))
    const tick = () => vi.advanceTimersByTime(limits.progressIntervalMs)
    tick()
    expect(told).toEqual([])
    one.progress.waitsFor = undefined
    for (const doneBytes of [100, 249, 250, 300, 900, 1_000]) {
      one.progress.moved(doneBytes)
      tick()
      tick()
    }
    expect(told).toEqual(['x: 25 % of 1.0 kB', 'x: 90 % of 1.0 kB'])
    expect(drawn).toBe(14)
    end()
    await done
    expect(files.all).toEqual([])
  })

  test('are cancelled together, and stop() waits for their end', async () => {
    const files = new RunningFiles({ changed: () => {} })
    const ended: string[] = []
    for (const name of ['x', 'y']) {
      const one = running(file(name, 1))
      const { signal } = one.controller
      const run = () => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      void files.run(one, run).then(() => ended.push(name))
    }
    await files.stop()
    await Promise.resolve()
    expect(ended).toEqual(['x', 'y'])
  })
})
