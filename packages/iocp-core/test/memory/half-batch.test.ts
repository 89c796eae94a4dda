import { expect, test } from 'vitest'
import { HalfBatch } from '../../src/memory/half-batch.ts'

/** After which sends of a turn with so many what is gathered leaves. */
function turnOf(sends: number, half: HalfBatch): number[] {
  const left: number[] = []
  for (let send = 1; send <= sends; send++) {
    if (!half.add()) continue
    left.push(send)
    half.left()
  }
  // At its end a turn hands over what is there.
  half.left()
  half.turnOver()
  return left
}

test('fewer than 16 sends leave when their turn is over, and 16 at once', () => {
  const half = new HalfBatch()
  expect(turnOf(15, half)).toEqual([])
  expect(turnOf(16, half)).toEqual([16])
  expect(turnOf(17, half)).toEqual([16])
})

test('of many the first half leaves early, as the turn before had them', () => {
  const half = new HalfBatch()
  turnOf(64, half)
  expect(turnOf(64, half)).toEqual([32, 64])
  expect(turnOf(100_000, half).length).toBe(3125)
  expect(turnOf(100_000, half)).toEqual([50_000, 100_000])
  expect(turnOf(20, half)).toEqual([])
  expect(turnOf(20, half)).toEqual([16])
})

test('a turn that sends nothing changes nothing', () => {
  const half = new HalfBatch()
  turnOf(64, half)
  half.turnOver()
  half.turnOver()
  expect(turnOf(64, half)).toEqual([32, 64])
})

test('what left in between, for want of room, counts no more', () => {
  const half = new HalfBatch()
  for (let send = 0; send < 15; send++) half.add()
  half.left()
  for (let send = 0; send < 15; send++) expect(half.add()).toBe(false)
  expect(half.add()).toBe(true)
})

test('a turn behind one that went round among peers is not halved', () => {
  const half = new HalfBatch()
  half.goesRound()
  expect(turnOf(64, half)).toEqual([16, 32, 48, 64])
  expect(turnOf(64, half)).toEqual([])
  expect(turnOf(64, half)).toEqual([32, 64])
})
