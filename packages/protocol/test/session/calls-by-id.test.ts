import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { CallsById } from '../../src/session/calls/calls-by-id.ts'

interface Call {
  readonly id: number
}

const idsOf = (calls: CallsById<Call>) => [...calls.values()].map(({ id }) => id)

function tableOf(...ids: readonly number[]): CallsById<Call> {
  const calls = new CallsById<Call>()
  for (const id of ids) calls.add({ id })
  return calls
}

describe('a table of calls', () => {
  it.each([
    ['by two', () => 2],
    ['in large steps', () => 2 ** 20],
    ['in random steps', createVirtualClock({ seed: 11 }).random],
    ['over 2^32', () => 2 ** 33 + 2],
  ])('finds the same calls as a Map, with ids that go up %s', (_how, step) => {
    const random = createVirtualClock({ seed: 7 }).random
    const calls = new CallsById<Call>()
    const map = new Map<number, Call>()
    let id = -1
    for (let turn = 0; turn < 4000; turn++) {
      // The calls come in bursts of about 200, and end in any order.
      if (random() < (turn % 800 < 400 ? 0.75 : 0.25)) {
        id += 2 + 2 * Math.floor(100 * step())
        const call = { id }
        calls.add(call)
        map.set(id, call)
      } else if (map.size > 0) {
        const ended = [...map.keys()][Math.floor(random() * map.size)] as number
        expect([calls.delete(ended), calls.delete(ended)]).toEqual([true, false])
        map.delete(ended)
      }
      expect(calls.size).toBe(map.size)
      if (turn % 50 !== 0) continue
      expect(idsOf(calls)).toEqual([...map.keys()])
      for (const [each, call] of map) expect(calls.get(each)).toBe(call)
      expect(calls.get(id + 2)).toBeUndefined()
    }
  })

  it('is empty at first', () => {
    const calls = tableOf()
    expect([calls.size, calls.get(1), calls.has(1), calls.delete(1), idsOf(calls)]).toEqual([
      0,
      undefined,
      false,
      false,
      [],
    ])
  })

  it('is reused after all calls in it have ended', () => {
    const many = Array.from({ length: 300 }, (_, index) => 2 * index + 1)
    const calls = tableOf(...many)
    for (const id of many) calls.delete(id)
    expect([calls.size, calls.has(1)]).toEqual([0, false])
    calls.add({ id: 601 })
    expect([idsOf(calls), calls.has(1)]).toEqual([[601], false])
  })

  it('skips calls that end, or begin, during an iteration', () => {
    const calls = tableOf(5, 1, 3)
    const seen: number[] = []
    for (const { id } of calls.values()) {
      seen.push(id)
      calls.delete(3)
      if (id === 1) calls.add({ id: 7 })
    }
    expect(seen).toEqual([1, 5])
    expect(idsOf(calls)).toEqual([1, 5, 7])
  })
})
