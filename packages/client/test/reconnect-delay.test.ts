import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { firstDelayMs, noEarlierThan, reconnectDelayMs } from '../src/connect/reconnect-delay.ts'

const bounds = { delayMs: 200, delayMaxMs: 30_000 }

describe('the delay before the next attempt', () => {
  it('is drawn evenly between 50 ms and a bound that doubles with each failure', () => {
    const { random } = createVirtualClock({ seed: 7 })
    for (const [failures, boundMs] of [
      [0, 200],
      [1, 400],
      [4, 3_200],
      [20, 30_000],
    ] as const) {
      const delays = Array.from({ length: 4_000 }, () => reconnectDelayMs(failures, random(), bounds))
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(50)
      expect(Math.max(...delays)).toBeLessThanOrEqual(boundMs)
      // Each quarter of the range gets about a quarter of the draws.
      for (let quarter = 0; quarter < 4; quarter++) {
        const begin = 50 + ((boundMs - 50) * quarter) / 4
        const end = 50 + ((boundMs - 50) * (quarter + 1)) / 4
        const share = delays.filter((delay) => delay >= begin && delay < end).length / delays.length
        expect(share).toBeGreaterThan(0.21)
        expect(share).toBeLessThan(0.29)
      }
    }
  })

  it('stays finite and within its bound after many failures', () => {
    for (const failures of [31, 2_000, Number.MAX_SAFE_INTEGER])
      expect(reconnectDelayMs(failures, 0.999, bounds)).toBeLessThanOrEqual(30_000)
  })

  it('never exceeds a bound that is below 50 ms', () => {
    expect(reconnectDelayMs(5, 0.5, { delayMs: 10, delayMaxMs: 20 })).toBe(20)
  })
})

describe('the delay after a connection that lasted', () => {
  it('is drawn evenly from 0 to the first bound', () => {
    const { random } = createVirtualClock({ seed: 7 })
    const delays = Array.from({ length: 4_000 }, () => firstDelayMs(random(), bounds))
    expect(Math.max(...delays)).toBeLessThan(200)
    for (let tenth = 0; tenth < 200; tenth += 20) {
      const share = delays.filter((delay) => delay >= tenth && delay < tenth + 20).length / delays.length
      expect(share).toBeGreaterThan(0.07)
      expect(share).toBeLessThan(0.13)
    }
    expect(firstDelayMs(0.5, { delayMs: 200, delayMaxMs: 40 })).toBe(20)
  })
})

describe('the retryAfterMs of a server', () => {
  it('is the minimum of the delay, and clients with the same value are spread', () => {
    expect(noEarlierThan(100, 2_000, 0)).toBe(2_000)
    expect(noEarlierThan(100, 2_000, 0.5)).toBe(3_000)
    expect(noEarlierThan(100, 60_000, 0.999)).toBeLessThan(65_000)
    expect(noEarlierThan(9_000, 2_000, 0)).toBe(9_000)
  })

  it.each([undefined, 0, -5])('has no effect if it is %s', (retryAfterMs) => {
    expect(noEarlierThan(100, retryAfterMs, 0.5)).toBe(100)
  })

  it('is limited to five minutes', () => {
    expect(noEarlierThan(100, Number.MAX_SAFE_INTEGER, 0)).toBe(300_000)
  })
})
