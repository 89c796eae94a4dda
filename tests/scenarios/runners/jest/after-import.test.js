import { jest } from '@jest/globals'
import { backEnds, exercise } from '../scenario.mjs'

test('with timers faked after the first import they go on, and again with real timers, and once more', async () => {
  const names = await backEnds()
  for (const backend of names) await exercise(backend)
  for (let round = 0; round < 2; round++) {
    jest.useFakeTimers()
    let fired = false
    setTimeout(() => {
      fired = true
    }, 1)
    for (const backend of names) await exercise(backend)
    expect([fired, jest.getTimerCount()]).toEqual([false, 1])
    jest.advanceTimersByTime(1)
    expect(fired).toBe(true)
    jest.useRealTimers()
    for (const backend of names) await exercise(backend)
  }
})
