import { expect, test } from 'vitest'
import { HalfBatch } from '../../src/memory/half-batch.ts'

/** Runs a turn with this many sends. Returns after which of them the gathered bytes leave. */
function turnOf(sends: number, half: HalfBatch): number[] {
  const left: number[] = []
  for (let send = 1; send <= sends; send++) {
    if (!half.add()) continue
    left.push(send)
    half.left()
  }
  // At its end a turn hands over the rest.
  half.left()
  half.turnOver()
  return left
}

test('fewer than 16 sends leave at the end of their turn, and the 16th lets all leave at once', () => {
  const half = new HalfBatch()
  expect(turnOf(15, half)).toEqual([])
  expect(turnOf(16, half)).toEqual([16])
  expect(turnOf(17, half)).toEqual([16])
})

test('of many sends the first half leaves early, by the count of the previous turn', () => {
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

test('sends that left early for lack of room are not counted any more', () => {
  const half = new HalfBatch()
  for (let send = 0; send < 15; send++) half.add()
  half.left()
  for (let send = 0; send < 15; send++) expect(half.add()).toBe(false)
  expect(half.add()).toBe(true)
})

test('a turn after one that went round among peers is not halved', () => {
  const half = new HalfBatch()
  half.goesRound()
  expect(turnOf(64, half)).toEqual([16, 32, 48, 64])
  expect(turnOf(64, half)).toEqual([])
  expect(turnOf(64, half)).toEqual([32, 64])
})
