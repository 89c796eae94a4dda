import { jest } from '@jest/globals'

test('with timers faked before the first import calls, deadlines and heartbeats go on, then and later', async () => {
  jest.useFakeTimers()
  const { backEnds, exercise } = await import('../scenario.mjs')
  for (const backend of await backEnds()) await exercise(backend)
  expect(jest.getTimerCount()).toBe(0)
  jest.useRealTimers()
  for (const backend of await backEnds()) await exercise(backend)
})
