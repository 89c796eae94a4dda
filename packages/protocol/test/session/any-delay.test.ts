import { expect, it } from 'vitest'
import { timerMsMax } from '../../src/checks/milliseconds.ts'
import { withAnyDelay } from '../../src/session/common/any-delay.ts'

/** A platform that records its timers, which the test fires by hand. */
function platform() {
  const asked: number[] = []
  const cancelled: number[] = []
  let fire = () => {}
  const environment = {
    nowMs: () => 7,
    random: () => 0.5,
    setTimer: (delayMs: number, callback: () => void) => {
      const index = asked.push(delayMs) - 1
      fire = callback
      return { cancel: () => void cancelled.push(index) }
    },
  }
  return { environment, asked, cancelled, fire: () => fire() }
}

it('a timer over the maximum of the platform is split into several, and fires once, at the end', () => {
  const { environment, asked, fire } = platform()
  let fired = 0
  withAnyDelay(environment).setTimer(2 * timerMsMax + 5, () => fired++)
  fire()
  fire()
  expect([asked, fired]).toEqual([[timerMsMax, timerMsMax, 5], 0])
  fire()
  expect([asked.length, fired]).toEqual([3, 1])
})

it('a split timer is cancelled by cancelling the part that runs', () => {
  const { environment, cancelled, fire } = platform()
  const timer = withAnyDelay(environment).setTimer(2 * timerMsMax, () => undefined)
  fire()
  timer.cancel()
  expect(cancelled).toEqual([1])
})

it.each([
  [timerMsMax, timerMsMax],
  [3, 3],
  [0, 0],
  [-5, 0],
  [Number.NaN, 0],
])('a timer of %d ms sets one of %d ms', (delayMs, askedMs) => {
  const { environment, asked } = platform()
  withAnyDelay(environment).setTimer(delayMs, () => undefined)
  expect(asked).toEqual([askedMs])
})

it('a timer of infinite delay sets none, and can be cancelled', () => {
  const { environment, asked } = platform()
  withAnyDelay(environment)
    .setTimer(Number.POSITIVE_INFINITY, () => undefined)
    .cancel()
  expect(asked).toEqual([])
})

it('other members of the platform are unchanged', () => {
  const { environment } = platform()
  const turns: (() => void)[] = []
  const made = withAnyDelay({ ...environment, nextTurn: (callback) => void turns.push(callback) })
  const callback = () => undefined
  made.nextTurn?.(callback)
  expect([made.nowMs(), made.random(), turns]).toEqual([7, 0.5, [callback]])
  expect('nextTurn' in withAnyDelay(environment)).toBe(false)
})
