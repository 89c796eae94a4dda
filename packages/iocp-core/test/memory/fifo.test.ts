import { expect, test } from 'vitest'
import { Fifo } from '../../src/memory/fifo.ts'

test('what went in first comes out first, however pushes and shifts alternate', () => {
  const fifo = new Fifo<number>()
  let pushed = 0
  let shifted = 0
  for (const [pushes, shifts] of [
    [3, 1],
    [2, 3],
    [1, 1],
    [0, 1],
    [5, 9],
    [4, 2],
  ] as const) {
    for (let count = 0; count < pushes; count++) fifo.push(pushed++)
    for (let count = 0; count < shifts; count++) {
      expect(fifo.shift()).toBe(shifted < pushed ? shifted++ : undefined)
    }
    expect(fifo.length).toBe(pushed - shifted)
  }
  fifo.clear()
  expect([fifo.length, fifo.shift()]).toEqual([0, undefined])
})
