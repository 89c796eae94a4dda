import { jest } from '@jest/globals'

test('a test client and virtual time work with timers faked by jest before the first import', async () => {
  jest.useFakeTimers()
  const { exerciseAll } = await import('../test-client.mjs')
  await exerciseAll()
  expect(jest.getTimerCount()).toBe(0)
  jest.useRealTimers()
})
