import type { SessionEnvironment } from '@frameport/protocol/session'
import { describe, expect, it } from 'vitest'
import { ReconnectTimes } from '../src/connect/reconnect-times.ts'
import { reconnectDefaults } from '../src/reconnect-options.ts'

/** A clock whose timers fire late, when the test says so: a process that was suspended. */
function stoppedProcess(random = 0.5) {
  const timers = new Map<() => void, number>()
  const clock = { nowMs: 0 }
  const environment: SessionEnvironment = {
    nowMs: () => clock.nowMs,
    setTimer(delayMs, callback) {
      timers.set(callback, clock.nowMs + delayMs)
      return { cancel: () => void timers.delete(callback) }
    },
    random: () => random,
  }
  /** Fires the due timers, earliest first. */
  const goOnAt = (nowMs: number) => {
    clock.nowMs = nowMs
    for (;;) {
      const [next] = [...timers]
        .filter(([, dueMs]) => dueMs <= nowMs)
        .sort(([, one], [, other]) => one - other)
      if (next === undefined) return
      timers.delete(next[0])
      next[0]()
    }
  }
  return { environment, goOnAt, timers }
}

const mayResume = { mayResume: true }

function timesOf(environment: SessionEnvironment) {
  const told: string[] = []
  const events = { attempt: () => void told.push('attempt'), over: () => void told.push('over') }
  const times = new ReconnectTimes(environment, reconnectDefaults, events)
  return { times, told }
}

describe('reconnectTimeoutMs', () => {
  it.each([300_000, 299_000, 10_000_000])(
    'lets a client that a server asked to wait for %i ms try once more before it ends',
    (retryAfterMs) => {
      const { environment, goOnAt, timers } = stoppedProcess()
      const { times, told } = timesOf(environment)
      times.connected()
      goOnAt(1_000)
      times.lost()
      times.waits()
      times.next(undefined, mayResume)
      goOnAt(2_000)
      times.failed()
      times.next(retryAfterMs, mayResume)
      times.waits()
      const attemptAtMs = [...timers.values()].sort((one, other) => other - one)[0] as number
      expect(attemptAtMs).toBeLessThanOrEqual(2_000 + 305_000)
      goOnAt(301_000)
      times.waits()
      goOnAt(attemptAtMs - 1)
      expect(told).toEqual(['attempt'])
      goOnAt(attemptAtMs)
      expect(told).toEqual(['attempt', 'attempt'])
      times.failed()
      times.next(retryAfterMs, mayResume)
      expect(told).toEqual(['attempt', 'attempt', 'over'])
      times.stop()
      expect(timers.size).toBe(0)
    },
  )

  it('ends the client during a delay that the client has drawn itself', () => {
    const { environment, goOnAt } = stoppedProcess()
    const { times, told } = timesOf(environment)
    times.connected()
    goOnAt(1_000)
    times.lost()
    times.waits()
    for (let attempt = 0; attempt < 30; attempt += 1) times.failed()
    goOnAt(300_000)
    times.next(10, { mayResume: false })
    goOnAt(301_000)
    expect(told).toEqual(['over'])
    times.stop()
  })

  it('allows one more attempt if it passes while the process is suspended', () => {
    const { environment, goOnAt, timers } = stoppedProcess()
    const { times, told } = timesOf(environment)
    times.connected()
    goOnAt(1_000)
    times.lost()
    times.waits()
    // The timer that ends the client fires first here. Nothing guarantees another order.
    times.next(undefined, mayResume)
    goOnAt(3_600_000)
    expect(told).toEqual(['attempt'])
    times.failed()
    times.next(undefined, mayResume)
    expect(told).toEqual(['attempt', 'over'])
    times.stop()
    expect(timers.size).toBe(0)
  })

  it('does not pass with connections of nine seconds that are one second apart', () => {
    const { environment, goOnAt } = stoppedProcess()
    const { times, told } = timesOf(environment)
    times.connected()
    for (let second = 10; second < 3_600; second += 10) {
      goOnAt(second * 1_000 - 1_000)
      times.lost()
      times.waits()
      goOnAt(second * 1_000)
      times.connected()
    }
    expect(told).not.toContain('over')
    times.stop()
  })

  it('passes with a server that drops each connection at once', () => {
    const { environment, goOnAt } = stoppedProcess()
    const { times, told } = timesOf(environment)
    times.connected()
    for (let second = 1; second <= 301; second++) {
      times.lost()
      times.waits()
      goOnAt(second * 1_000)
      if (told.includes('over')) break
      times.connected()
    }
    expect(told).toContain('over')
    times.stop()
  })
})

describe('the delay of the first attempt', () => {
  it('is from 0 to delayMs after a connection that lasted, and at least 50 ms after a short one', () => {
    for (const [livedMs, random, delayMs] of [
      [10_000, 0, 0],
      [10_000, 0.5, 100],
      [9_999, 0, 50],
      [9_999, 0.5, 125],
    ] as const) {
      const { environment, goOnAt } = stoppedProcess(random)
      const { times } = timesOf(environment)
      times.connected()
      goOnAt(livedMs)
      times.lost()
      times.next(undefined, mayResume)
      expect(times.delayMs).toBe(delayMs)
      times.stop()
    }
  })
})

describe('a server that asks its clients to leave', () => {
  it('gets its clients back at growing intervals, if it is the only one', () => {
    const { environment, goOnAt, timers } = stoppedProcess(0.999)
    const { times } = timesOf(environment)
    times.connected()
    const delays: number[] = []
    for (let move = 0, nowMs = 20_000; move < 5; move++) {
      goOnAt(nowMs)
      times.asked(false, undefined)
      delays.push(Math.round(times.delayMs))
      nowMs += times.delayMs
      goOnAt(nowMs)
      times.connected()
    }
    expect(delays).toEqual([200, 799, 3_197, 4_995, 4_995])
    times.stop()
    expect(timers.size).toBe(0)
  })

  it('does not count as failed: a connection that is lost later has the delays of a first failure', () => {
    const { environment, goOnAt } = stoppedProcess(0.999)
    const { times } = timesOf(environment)
    times.connected()
    goOnAt(20_000)
    for (let move = 0; move < 5; move++) {
      times.asked(false, undefined)
      times.connected()
    }
    times.asked(true, undefined)
    expect([times.failures, Math.round(times.delayMs)]).toEqual([0, 200])
    times.stop()
  })
})
