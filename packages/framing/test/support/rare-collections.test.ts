import { expect, it } from 'vitest'
import { RareMap, RareSet } from '../../src/checks.ts'

it('a rare map behaves like a map, before and after its first entry', () => {
  const map = new RareMap<string, number>()
  const seen = () => [map.size, map.get('a'), map.has('a'), [...map], [...map.keys()], [...map.values()]]
  const empty = [0, undefined, false, [], [], []]
  expect(seen()).toEqual(empty)
  expect(map.delete('a')).toBe(false)
  expect(map.set('a', 1)).toBe(map)
  map.set('b', 2)
  expect(seen()).toEqual([
    2,
    1,
    true,
    [
      ['a', 1],
      ['b', 2],
    ],
    ['a', 'b'],
    [1, 2],
  ])
  expect(map.delete('b')).toBe(true)
  expect(seen()).toEqual([1, 1, true, [['a', 1]], ['a'], [1]])
  map.clear()
  expect(seen()).toEqual(empty)
})

it('a rare set behaves like a set, before and after its first member', () => {
  const set = new RareSet<string>()
  const seen = () => [set.size, set.has('a'), [...set]]
  expect(seen()).toEqual([0, false, []])
  expect(set.delete('a')).toBe(false)
  expect(set.add('a')).toBe(set)
  set.add('a').add('b')
  expect(seen()).toEqual([2, true, ['a', 'b']])
  expect(set.delete('b')).toBe(true)
  expect(seen()).toEqual([1, true, ['a']])
  set.clear()
  expect(seen()).toEqual([0, false, []])
})

it('an iteration skips members that are removed during it', () => {
  const set = new RareSet<number>()
  for (const member of [1, 2, 3]) set.add(member)
  const read: number[] = []
  for (const member of set) {
    read.push(member)
    set.delete(2)
  }
  expect(read).toEqual([1, 3])
})
