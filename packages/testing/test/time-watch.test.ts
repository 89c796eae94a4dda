import { setImmediate as nextTask } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createVirtualClock, limits } from '../src/index.ts'

afterEach(() => void vi.restoreAllMocks())

function toldOnce() {
  let tell!: (text: string) => void
  const told = new Promise<string>((resolve) => {
    tell = resolve
  })
  return { told, tell }
}

describe('a virtual clock that is not moved', () => {
  it('reports which timers wait for it, since when, and what to write', async () => {
    const { told, tell } = toldOnce()
    const clock = createVirtualClock({ startMs: 100, onForgotten: tell })
    const slept = new Promise<void>(
      (resolve) =>
        void clock.setTimer(300, function deadline() {
          resolve()
        }),
    )
    clock.setTimer(15_000, () => undefined)
    const text = await told
    expect(text).toContain('Waiting for it: 2 timers.')
    expect(text).toContain('deadline at 400 ms (300 ms after it was set)')
    expect(text).toContain('await clock.until(promise)')
    await clock.until(slept)
  })

  it('reports that turns wait for it', async () => {
    const { told, tell } = toldOnce()
    createVirtualClock({ onForgotten: tell }).nextTurn?.(() => undefined)
    expect(await told).toContain('Waiting for it: 1 nextTurn callback.')
  })

  it('reports once, for the clock that was used last, and not while any clock is used', async () => {
    const texts: string[] = []
    const forgotten = (name: string) => ({ onForgotten: () => void texts.push(name) })
    const over = createVirtualClock(forgotten('over'))
    over.setTimer(10, () => undefined)
    const used = createVirtualClock(forgotten('used'))
    used.setTimer(1_000_000, () => undefined)
    const moved = createVirtualClock(forgotten('moved'))
    moved.setTimer(1_000_000, () => undefined)
    const useUntilMs = performance.now() + 2 * limits.forgottenAfterMs
    while (performance.now() < useUntilMs) {
      used.setTimer(10, () => undefined).cancel()
      await moved.advance(1)
    }
    expect(texts).toEqual([])

    for (let round = 0; round < 2; round++) {
      const { told, tell } = toldOnce()
      let times = 0
      const left = createVirtualClock({
        onForgotten: (text) => {
          times += 1
          tell(text)
        },
      })
      left.setTimer(10, () => undefined)
      const quiet = createVirtualClock(forgotten('quiet'))
      quiet.setTimer(10, () => undefined).cancel()
      const fired = createVirtualClock(forgotten('fired'))
      fired.setTimer(10, () => undefined)
      await fired.runUntilIdle()
      await told
      left.setTimer(10, () => undefined)
      expect(times).toBe(1)
    }
    expect(texts).toEqual([])
    await Promise.all([used.runUntilIdle(), moved.runUntilIdle()])
  })

  it('gives a busy program the time to continue', async () => {
    const texts: string[] = []
    const clock = createVirtualClock({ onForgotten: (text) => void texts.push(text) })
    const timer = clock.setTimer(10, () => undefined)
    const busyUntilMs = performance.now() + 2 * limits.forgottenAfterMs
    while (performance.now() < busyUntilMs);
    for (let task = 0; task < 3; task++) await nextTask()
    expect(texts).toEqual([])
    timer.cancel()
  })

  it('warns on the console without onForgotten', async () => {
    const warned = new Promise<unknown>((resolve) => {
      vi.spyOn(console, 'warn').mockImplementation(resolve)
    })
    const clock = createVirtualClock()
    clock.setTimer(10, () => undefined)
    expect(await warned).toContain('await clock.until(promise)')
    await clock.runUntilIdle()
  })

  it('continues if onForgotten throws', async () => {
    const uncaught = new Promise<unknown>((resolve) => {
      const listeners = process.listeners('uncaughtException')
      process.removeAllListeners('uncaughtException')
      process.once('uncaughtException', (error) => {
        for (const listener of listeners) process.on('uncaughtException', listener)
        resolve(error)
      })
    })
    const clock = createVirtualClock({
      onForgotten() {
        throw new Error('from onForgotten')
      },
    })
    clock.setTimer(10, () => undefined)
    expect(await uncaught).toMatchObject({ message: 'from onForgotten' })
    await clock.runUntilIdle()
    expect(clock.timers).toEqual([])
  })
})
