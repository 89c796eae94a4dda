import { jest } from '@jest/globals'
import { exerciseAll } from '../test-client.mjs'

afterEach(() => void jest.useRealTimers())

test('a test client and virtual time work', () => exerciseAll())

test('they work with timers faked by jest', async () => {
  jest.useFakeTimers()
  await exerciseAll()
  expect(jest.getTimerCount()).toBe(0)
})
