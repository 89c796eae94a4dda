import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Heap, type HeapItem, notInHeap } from '../src/heap.ts'

interface Numbered extends HeapItem {
  readonly value: number
  readonly order: number
}

function isBefore(a: Numbered, b: Numbered): boolean {
  return a.value === b.value ? a.order < b.order : a.value < b.value
}

function takeAll(heap: Heap<Numbered>): Numbered[] {
  const taken: Numbered[] = []
  for (let { first } = heap; first !== undefined; first = heap.first) {
    heap.remove(first)
    taken.push(first)
  }
  return taken
}

it('returns the remaining items in order, whatever was added and removed before', () => {
  const step = fc.record({ value: fc.nat(9), removed: fc.option(fc.nat(50), { freq: 2 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const heap = new Heap(isBefore)
      const expected: Numbered[] = []
      for (const [order, { value, removed }] of steps.entries()) {
        const item = { value, order, heapIndex: notInHeap }
        heap.add(item)
        expected.push(item)
        if (removed === null) continue
        const [gone] = expected.splice(removed % expected.length, 1)
        heap.remove(gone as Numbered)
      }
      expect(heap.size).toBe(expected.length)
      expect(takeAll(heap)).toEqual(expected.sort((a, b) => (isBefore(a, b) ? -1 : 1)))
    }),
  )
})

it('removes an item only once', () => {
  const heap = new Heap(isBefore)
  const [first, second] = [1, 2].map((value) => ({ value, order: 0, heapIndex: notInHeap })) as [
    Numbered,
    Numbered,
  ]
  heap.add(first)
  heap.add(second)
  heap.remove(first)
  heap.remove(first)
  expect(heap.toArray()).toEqual([second])
})

it('compares at most 40 times for each of 100,000 items that are added and removed, a third from the middle', () => {
  const items = 100_000
  let comparisons = 0
  const heap = new Heap<Numbered>((a, b) => {
    comparisons += 1
    return isBefore(a, b)
  })
  // Neither sorted nor random: each value is far from the previous one.
  const all = Array.from({ length: items }, (_, order) => ({
    value: (order * 7_919) % items,
    order,
    heapIndex: notInHeap,
  }))
  for (const item of all) heap.add(item)
  for (const item of all.filter((_, order) => order % 3 === 0)) heap.remove(item)
  expect(takeAll(heap)).toHaveLength(items - Math.ceil(items / 3))
  expect(comparisons / items).toBeLessThan(40)
})
