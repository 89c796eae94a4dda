import { beforeEach, describe, expect, test } from 'vitest'
import { colorsFor } from '../../src/colors.ts'
import { limits } from '../../src/limits.ts'
import { Outage, type OutageFacts } from '../../src/member/outage.ts'
import { displayWidth } from '../../src/terminal/display-width.ts'
import { statusRow } from '../../src/terminal/status.ts'
import { ManualClock } from '../support/manual-clock.ts'

describe('an outage', () => {
  let clock = new ManualClock()
  let told: (OutageFacts | undefined)[] = []
  const shownMs = limits.reconnectingShownMs
  let outage = new Outage(clock, shownMs, () => {})

  beforeEach(() => {
    clock = new ManualClock()
    told = []
    outage = new Outage(clock, shownMs, (facts) => told.push(facts))
  })

  test('that is over before anybody notices is not told of', async () => {
    outage.begin()
    await clock.move(limits.reconnectingShownMs - 1)
    outage.end()
    await clock.move(10_000)
    expect(told).toEqual([])
    expect(clock.timers).toBe(0)
  })

  test('is told of when it lasts, with each second, and when it is over', async () => {
    outage.begin()
    await clock.move(1_500)
    // A second loss, as each failed attempt tells of it, does not begin anew.
    outage.begin()
    await clock.move(1_000)
    outage.end()
    expect(told).toEqual([{ seconds: 0 }, { seconds: 1 }, { seconds: 2 }, undefined])
    outage.end()
    expect(told).toHaveLength(4)
    expect(clock.timers).toBe(0)
  })

  test('counts from its own beginning when another one came before', async () => {
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

describe('the status row', () => {
  const plain = colorsFor({}, {})
  const facts = { room: 'lobby', members: 3, away: 0, typing: [] as string[] }
  const row = (changes: object, columns: number, unsent = 0) =>
    statusRow({ ...facts, ...changes }, columns, plain, unsent).replace(/─+$/, '')

  test('shows who is here, and who is away', () => {
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
  ])('after %i s, with %i unsent, in %i columns', (seconds, unsent, columns, text) => {
    expect(row({ outage: { seconds, isSilent: false } }, columns, unsent)).toBe(text)
  })

  test('says that the server does not answer, and what is unsent', () => {
    const outage = { seconds: 4, isSilent: true }
    expect(row({ outage }, 60, 1)).toBe('── lobby · no answer … (4 s) · 1 unsent ')
  })

  test('cuts a long room, and not what has happened', () => {
    const room = 'r'.repeat(limits.roomCharactersMax)
    expect(row({ room, outage: { seconds: 3, isSilent: false } }, 40)).toBe(
      `── ${'r'.repeat(11)}… · reconnecting … (3 s) `,
    )
  })

  test('is as wide as the terminal, whatever it shows', () => {
    for (let columns = 1; columns <= 120; columns += 1) {
      for (const outage of [undefined, { seconds: 0, isSilent: false }, { seconds: 12_345, isSilent: true }])
        for (const unsent of [0, 7]) {
          const shown = statusRow({ ...facts, away: 2, outage }, columns, plain, unsent)
          expect(displayWidth(shown)).toBe(columns - 1)
        }
    }
  })
})
