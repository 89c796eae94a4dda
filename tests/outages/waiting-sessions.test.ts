import { expect, test } from 'vitest'
import type { WaitingFigures } from './waiting-contract.ts'
import { waitingOptions } from './waiting-options.ts'
import { measureWaiting, wrongWith } from './waiting-sessions.ts'

const sessions = 40
const sessionBytes = 8 * 1024
const answerBytes = 3_000
/** Some sessions begin with a meaningless envelope. */
const greaseBytes = 2

test('the server counts 8 KiB for each session of a killed client, plus the data kept for it, and nothing after the resume window', {
  timeout: 120_000,
}, async () => {
  const options = { backend: 'net', sessions, windowMs: 10_000 } as const
  const idle = await measureWaiting({ ...options, answerBytes: 0 })
  for (const { countedBytes, keptBytes } of [idle.connected, idle.detached, idle.answered]) {
    expect(countedBytes).toBe(sessions * sessionBytes)
    expect(keptBytes).toBeLessThanOrEqual(sessions * greaseBytes)
  }
  expect(idle.windowOver).toMatchObject({ connections: 0, countedBytes: 0 })

  const busy = await measureWaiting({ ...options, answerBytes })
  expect(busy.detached.keptBytes).toBeLessThanOrEqual(sessions * greaseBytes)
  const keptForEach = busy.answered.keptBytes / sessions
  expect(keptForEach).toBeGreaterThan(answerBytes)
  expect(keptForEach).toBeLessThan(answerBytes + 50)
  // The server does not learn of less than 16 KiB.
  expect(busy.answered.countedBytes).toBeLessThanOrEqual(sessions * (sessionBytes + answerBytes + 50))
  for (const measured of [idle, busy]) expect(wrongWith(measured, { ...options, answerBytes })).toEqual([])
  expect(busy.windowOver).toMatchObject({ connections: 0, countedBytes: 0, keptBytes: 0 })
})

test.each([
  [['--sessions', 'x'], '--sessions is a whole number from 1 to 1000000, not x'],
  [['--sessions', '0'], '--sessions is'],
  [['--sessions', '3.5'], '--sessions is'],
  [['--answer-bytes', '1e9'], '--answer-bytes is a whole number from 0 to 1000000, not 1e9'],
  [['--answer-bytes', ''], '--answer-bytes is'],
  [['--window-ms', '0'], '--window-ms is'],
  [['--backend', 'nett'], '--backend is one of net, epoll, io_uring, iocp, not nett'],
  [['--bogus'], "Unknown option '--bogus'"],
])('npm run waiting refuses the arguments %j', (args, text) => {
  expect(() => waitingOptions(args)).toThrow(text)
})

test('npm run waiting makes one measurement for each size of answers', () => {
  const given = ['--sessions', '5', '--answer-bytes', '0', '--answer-bytes', '10', '--window-ms', '9']
  expect(waitingOptions(given).map(({ answerBytes, sessions }) => [answerBytes, sessions])).toEqual([
    [0, 5],
    [10, 5],
  ])
})

test('npm run waiting reports what the figures show about a faulty server', () => {
  const none: WaitingFigures = {
    connections: 0,
    detached: 0,
    handlers: 0,
    countedBytes: 0,
    keptBytes: 0,
    heapBytes: 0,
    bufferBytes: 0,
    residentBytes: 0,
  }
  const states = { empty: none, connected: none, detached: none, answered: none, windowOver: none }
  const options = { backend: 'net', sessions: 5, answerBytes: 0, windowMs: 10 } as const
  expect(wrongWith(states, options)).toEqual([expect.stringMatching(/^only 0 of 5 sessions waited/)])
  const left = { ...states, detached: { ...none, connections: 5 }, windowOver: { ...none, countedBytes: 8 } }
  expect(wrongWith(left, options)).toEqual(['8 countedBytes are left when every session is over'])
})

test('npm run waiting stops without progress, and reports the state', { timeout: 120_000 }, async () => {
  // More than a session keeps for a client.
  const options = { backend: 'net', sessions: 2, answerBytes: 5_000_000, windowMs: 600_000 } as const
  const measured = measureWaiting({ ...options, stallMs: 5_000 })
  await expect(measured).rejects.toThrow(/^the server does not get on to "answered": \{.*\} for 5 s$/)
})
