import { expect, test } from 'vitest'
import { measureWaiting } from './waiting-sessions.ts'

const sessions = 40
const sessionBytes = 8 * 1024
const answerBytes = 3_000
/** Some sessions begin with an envelope that says nothing. */
const greaseBytes = 2

test('counts 8 KiB for each session that waits for a client that was killed, what is kept for it beside, and nothing once its window is over', {
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
  // What is below 16 KiB is not told to the server.
  expect(busy.answered.countedBytes).toBeLessThanOrEqual(sessions * (sessionBytes + answerBytes + 50))
  expect(busy.windowOver).toMatchObject({ connections: 0, countedBytes: 0, keptBytes: 0 })
})
