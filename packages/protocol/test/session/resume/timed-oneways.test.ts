import { expect, it } from 'vitest'
import { TimedOneways } from '../../../src/session/resume/timed-oneways.ts'

it('the times of one-way calls are found by the numbers of their envelopes until these are acknowledged', () => {
  const oneways = new TimedOneways()
  for (const number of [2, 3, 7]) oneways.note(number, 10 * number)
  expect([0, 2, 3, 4, 7, 8].map((number) => oneways.sentAtMs(number))).toEqual([
    undefined,
    20,
    30,
    undefined,
    70,
    undefined,
  ])
  oneways.forget(3)
  expect([2, 3, 7].map((number) => oneways.sentAtMs(number))).toEqual([undefined, 30, 70])
  oneways.clear()
  expect(oneways.sentAtMs(7)).toBe(undefined)
})

it('the times of half a million one-way calls are found and removed one by one', () => {
  const count = 500_000
  const oneways = new TimedOneways()
  for (let number = 0; number < count; number += 1) oneways.note(number, number)
  let wrong = 0
  for (let number = 0; number < count; number += 1) {
    if (oneways.sentAtMs(number) !== number) wrong += 1
    oneways.forget(number + 1)
  }
  expect([wrong, oneways.sentAtMs(count - 1)]).toEqual([0, undefined])
}, 20_000)
