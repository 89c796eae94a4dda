import { beforeEach, describe, expect, test } from 'vitest'
import { colorsFor } from '../../src/colors.ts'
import { limits } from '../../src/limits.ts'
import { Outage, type OutageFacts } from '../../src/member/outage.ts'
import { displayWidth } from '../../src/terminal/display-width.ts'
import { statusRow } from '../../src/terminal/status.ts'
import { ManualClock } from '../support/manual-clock.ts'

describe('An outage', () => {
  let clock = new ManualClock()
  let told: (OutageFacts | undefined)[] = []
  const shownMs = limits.reconnectingShownMs
  let outage = new Outage(clock, shownMs, () => {})

  beforeEach(() => {
    clock = new ManualClock()
    told = []
    outage = new Outage(clock, shownMs, (facts) => told.push(facts))
  })

  test('is not reported if it ends before a person notices it', async () => {
    outage.begin()
    await clock.move(limits.reconnectingShownMs - 1)
    outage.end()
    await clock.move(10_000)
    expect(told).toEqual([])
    expect(clock.timers).toBe(0)
  })

  test('is reported when it lasts, once per second, and when it ends', async () => {
    outage.begin()
    await clock.move(1_500)
    // Each failed attempt reports a loss. A second loss does not start the time again.
    outage.begin()
    await clock.move(1_000)
    outage.end()
    expect(told).toEqual([{ seconds: 0 }, { seconds: 1 }, { seconds: 2 }, undefined])
    outage.end()
    expect(told).toHaveLength(4)
    expect(clock.timers).toBe(0)
  })

  test('counts from its own beginning after an earlier outage', async () => {
    outage.begin()
    await clock.move(5_000)
    outage.end()
    told = []
    outage.begin()
    await clock.move(1_000)
    expect(told).toEqual([{ seconds: 0 }, { seconds: 1 }])
    outage.end()
  })
})

describe('The status row', () => {
  const plain = colorsFor({}, {})
  const facts = { room: 'lobby', members: 3, away: 0, typing: [] as string[] }
  const row = (changes: object, columns: number, unsent = 0) =>
    statusRow({ ...facts, ...changes }, columns, plain, unsent).replace(/─+$/, '')

  test('shows how many members are here, and how many are away', () => {
    expect(row({}, 40)).toBe('── lobby · 3 here ')
    expect(row({ away: 1 }, 40)).toBe('── lobby · 3 here, 1 away ')
    expect(row({ away: 1, typing: ['alice'] }, 100)).toBe('── lobby · 3 here, 1 away · alice is typing ')
  })

  test.each([
    [0, 0, 40, '── lobby · reconnecting … '],
    [3, 0, 40, '── lobby · reconnecting … (3 s) '],
    [3, 2, 40, '── reconnecting … (3 s) · 2 unsent '],
    [3, 2, 100, '── lobby · reconnecting … (3 s) · 2 unsent '],
    [299, 12, 40, '── reconnecting … (299 s) · 12 unsent '],
  ])('shows an outage of %i s, with %i unsent lines, in %i columns', (seconds, unsent, columns, text) => {
    expect(row({ outage: { seconds, isSilent: false } }, columns, unsent)).toBe(text)
  })

  test('shows that the server does not answer, and the number of unsent lines', () => {
    const outage = { seconds: 4, isSilent: true }
    expect(row({ outage }, 60, 1)).toBe('── lobby · no answer … (4 s) · 1 unsent ')
  })

  test('shortens a long room name, but not the outage', () => {
    const room = 'r'.repeat(limits.roomCharactersMax)
    expect(row({ room, outage: { seconds: 3, isSilent: false } }, 40)).toBe(
      `── ${'r'.repeat(11)}… · reconnecting … (3 s) `,
    )
  })

  test('is as wide as the terminal for every content', () => {
    for (let columns = 1; columns <= 120; columns += 1) {
      for (const outage of [undefined, { seconds: 0, isSilent: false }, { seconds: 12_345, isSilent: true }])
        for (const unsent of [0, 7]) {
          const shown = statusRow({ ...facts, away: 2, outage }, columns, plain, unsent)
          expect(displayWidth(shown)).toBe(columns - 1)
        }
    }
  })
})
