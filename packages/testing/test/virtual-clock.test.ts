import { describe, expect, it } from 'vitest'
import { createVirtualClock, limits } from '../src/index.ts'

describe('a virtual clock', () => {
  it('fires timers by due time, then in the order of setting, and only due ones', async () => {
    const clock = createVirtualClock({ startMs: 1_000 })
    const fired: string[] = []
    for (const [name, delay] of Object.entries({ late: 20, first: 10, second: 10, now: 0 })) {
      clock.setTimer(delay, () => fired.push(`${name} ${clock.nowMs()}`))
    }
    clock.setTimer(5, () => fired.push('cancelled')).cancel()
    await clock.advance(19)
    expect(fired).toEqual(['now 1000', 'first 1010', 'second 1010'])
    expect(clock.nowMs()).toBe(1_019)
    expect(clock.timers.map(({ dueAtMs }) => dueAtMs)).toEqual([1_020])
    await clock.advance(1)
    expect(fired.at(-1)).toBe('late 1020')
    expect(clock.timers).toEqual([])
  })

  it('runs long chains of microtasks between two timers of the same moment', async () => {
    const clock = createVirtualClock()
    const order: string[] = []
    clock.setTimer(1, () => {
      void (async () => {
        for (let hop = 0; hop < 500; hop++) await undefined
        order.push('chain')
      })()
    })
    clock.setTimer(1, () => order.push('second timer'))
    await clock.advance(1)
    expect(order).toEqual(['chain', 'second timer'])
  })

  it('fires a timer that another timer has set and that is due within the same advance', async () => {
    const clock = createVirtualClock()
    const fired: number[] = []
    const beat = () => {
      fired.push(clock.nowMs())
      clock.setTimer(10, beat)
    }
    clock.setTimer(10, beat)
    await clock.advance(35)
    expect(fired).toEqual([10, 20, 30])
  })

  it('rejects with the error of a timer, and continues afterwards', async () => {
    const clock = createVirtualClock()
    clock.setTimer(1, () => {
      throw new Error('from the timer')
    })
    await expect(clock.advance(5)).rejects.toThrow('from the timer')
    await clock.advance(5)
    expect(clock.timers).toEqual([])
  })

  it('moves time in until() no further than the promise needs, and rejects like the promise', async () => {
    const clock = createVirtualClock()
    const slept = new Promise<string>((resolve) => clock.setTimer(300, () => resolve('woken')))
    clock.setTimer(1_000, () => undefined)
    expect(await clock.until(slept)).toBe('woken')
    expect(clock.nowMs()).toBe(300)
    await expect(clock.until(Promise.reject(new Error('no')))).rejects.toThrow('no')
  })

  it('reports in until() a promise that nothing can settle, instead of hanging', async () => {
    const clock = createVirtualClock()
    await expect(clock.until(new Promise(() => undefined))).rejects.toMatchObject({ code: 'STUCK' })
  })

  it('runs in runUntilIdle() to the last timer, and reports endless ones, by time and by count', async () => {
    const clock = createVirtualClock()
    clock.setTimer(60_000, () => clock.setTimer(60_000, () => undefined))
    await clock.runUntilIdle()
    expect(clock.nowMs()).toBe(120_000)
    const heartbeat = () => void clock.setTimer(1_000, heartbeat)
    heartbeat()
    await expect(clock.runUntilIdle({ timeMaxMs: 10_000 })).rejects.toMatchObject({ code: 'NEVER_IDLE' })
    await expect(clock.runUntilIdle({ timersMax: 3 })).rejects.toThrow(/heartbeat at/)
  })

  it('draws the same numbers for the same seed, spread over [0, 1)', () => {
    const draw = (seed: number) => {
      const clock = createVirtualClock({ seed })
      return Array.from({ length: 2_000 }, () => clock.random())
    }
    const numbers = draw(7)
    expect(draw(7)).toEqual(numbers)
    expect(draw(8)).not.toEqual(numbers)
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...numbers)).toBeLessThan(1)
    const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length
    expect(mean).toBeGreaterThan(0.45)
    expect(mean).toBeLessThan(0.55)
  })

  it('fires 100,000 timers in order, without the cancelled ones, in no more turns than needed', async () => {
    const clock = createVirtualClock()
    const fired: number[] = []
    const timers = Array.from({ length: 100_000 }, (_, order) => {
      const delayMs = (order * 7_919) % 1_000
      return clock.setTimer(delayMs, () => fired.push(delayMs * 100_000 + order))
    })
    for (const [order, timer] of timers.entries()) if (order % 3 === 0) timer.cancel()
    expect(clock.timers).toHaveLength(66_666)
    await clock.advance(1_000)
    expect(fired).toHaveLength(66_666)
    expect(fired.every((key, index) => index === 0 || key > (fired[index - 1] as number))).toBe(true)
    expect(clock.timers).toEqual([])
  })

  it('ignores a cancel of a timer that has fired, and a second cancel', async () => {
    const clock = createVirtualClock()
    const fired: string[] = []
    const first = clock.setTimer(1, () => fired.push('first'))
    await clock.advance(1)
    clock.setTimer(1, () => fired.push('second'))
    first.cancel()
    const cancelled = clock.setTimer(1, () => fired.push('cancelled'))
    cancelled.cancel()
    cancelled.cancel()
    await clock.advance(1)
    expect(fired).toEqual(['first', 'second'])
  })

  it('cannot be moved back', async () => {
    await expect(createVirtualClock().advance(-1)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})

describe('nextTurn', () => {
  it('runs in settle(), turn after turn, while time stands still', async () => {
    const clock = createVirtualClock()
    const ran: string[] = []
    clock.nextTurn?.(() => {
      ran.push('first')
      clock.nextTurn?.(() => void ran.push('second'))
      queueMicrotask(() => void ran.push('between'))
    })
    await clock.settle()
    expect([ran, clock.nowMs(), clock.timers]).toEqual([['first', 'between', 'second'], 0, []])
  })

  it('does not block a test if it never ends', async () => {
    const clock = createVirtualClock()
    let turns = 0
    const endless = () => {
      turns += 1
      clock.nextTurn?.(endless)
    }
    endless()
    await clock.settle()
    expect(turns).toBe(1 + limits.settleTurnsMax)
  })

  it('makes settle() reject with the error of its callback', async () => {
    const clock = createVirtualClock()
    clock.nextTurn?.(() => {
      throw new Error('in a turn')
    })
    await expect(clock.settle()).rejects.toThrow('in a turn')
  })
})
