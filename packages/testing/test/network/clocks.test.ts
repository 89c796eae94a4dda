import { describe, expect, it } from 'vitest'
import { assertQuiet, createSimNetwork, limits } from '../../src/index.ts'

describe('the clock of a host', () => {
  it('has its own rate and offset', async () => {
    const network = createSimNetwork({ startMs: 1_000 })
    const fast = network.host('fast', { clockRate: 1.25, clockOffsetMs: 500 })
    const slow = network.host('slow', { clockRate: 0.5, clockOffsetMs: -7 })
    expect([fast.environment.nowMs(), slow.environment.nowMs()]).toEqual([1_750, 493])
    await network.clock.advance(400)
    expect([fast.environment.nowMs(), slow.environment.nowMs()]).toEqual([2_250, 693])
  })

  it('determines when timers fire', async () => {
    const network = createSimNetwork()
    const fired: string[] = []
    for (const [name, clockRate] of [
      ['fast', 1.25],
      ['slow', 0.5],
      ['true', 1],
    ] as const) {
      network.host(name, { clockRate }).environment.setTimer(100, () => fired.push(name))
    }
    await network.clock.advance(80)
    expect(fired).toEqual(['fast'])
    await network.clock.advance(20)
    expect(fired).toEqual(['fast', 'true'])
    await network.clock.advance(99)
    expect(fired).toEqual(['fast', 'true'])
    await network.clock.advance(1)
    expect(fired).toEqual(['fast', 'true', 'slow'])
  })

  it('has reached the due time of a timer when it fires, despite rounding', async () => {
    const network = createSimNetwork({ seed: 4 })
    const host = network.host('a', { clockRate: 1.000_123_4 })
    const { environment } = host
    let early = 0
    let last = 0
    for (let count = 0; count < 1_000; count++) {
      const delayMs = environment.random() * 100
      const dueMs = environment.nowMs() + delayMs
      environment.setTimer(delayMs, () => {
        if (environment.nowMs() < dueMs) early += 1
        if (environment.nowMs() < last) early += 1
        last = environment.nowMs()
      })
      await network.clock.advance(environment.random() * 5)
    }
    await network.clock.runUntilIdle()
    expect([early, last > 0]).toEqual([0, true])
  })

  it('has an offset that depends on the seed and the host name, and differs between hosts', () => {
    const offsets = (seed: number) => {
      const network = createSimNetwork({ seed })
      return ['a', 'b', 'c'].map((name) => network.host(name).environment.nowMs())
    }
    expect(new Set([...offsets(1), ...offsets(2)]).size).toBe(6)
    expect(offsets(1)).toEqual(offsets(1))
    for (const offset of offsets(1)) {
      expect(offset).toBeGreaterThanOrEqual(0)
      expect(offset).toBeLessThan(limits.clockOffsetMaxMs)
    }
  })

  it('names its timers by callback and host, fires due ones, and never fires one with an infinite delay', async () => {
    const network = createSimNetwork()
    const host = network.host('a')
    const ran: string[] = []
    host.environment.setTimer(10, function heartbeat() {})
    host.environment.setTimer(Number.POSITIVE_INFINITY, () => ran.push('without end'))
    for (const delayMs of [0, -5, Number.NaN]) host.environment.setTimer(delayMs, () => ran.push('due'))
    expect(network.clock.timers.map(({ name }) => name)).toEqual([
      'anonymous of a',
      'anonymous of a',
      'anonymous of a',
      'heartbeat of a',
    ])
    await network.clock.runUntilIdle()
    expect(ran).toEqual(['due', 'due', 'due'])
    assertQuiet(network.clock, network)
  })

  it('passes the error of a timer to the call that moves the time', async () => {
    const network = createSimNetwork()
    const host = network.host('a')
    const thrown = new Error('from the timer')
    const fail = () => {
      throw thrown
    }
    host.environment.setTimer(1, fail)
    await expect(network.clock.advance(5)).rejects.toBe(thrown)
    host.environment.setTimer(1, fail)
    host.suspend()
    await network.clock.advance(5)
    host.resume()
    await expect(network.clock.advance(0)).rejects.toBe(thrown)
  })
})
