import { beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { Names } from '../../src/server/names.ts'

describe('the names of a server', () => {
  const [first, second] = ['first', 'second']
  let nowMs = 0
  let names = new Names(() => nowMs)

  beforeEach(() => {
    nowMs = 1_000
    names = new Names(() => nowMs)
  })

  test('a name belongs to one owner, whatever its spelling', () => {
    expect(names.claim('guest', first)).toBeUndefined()
    expect(names.claim('guest', first)).toBeUndefined()
    expect(names.claim('guest', second)).toEqual({ suggestion: 'guest2' })
    expect(names.claim('GUEST', second)).toEqual({ suggestion: 'GUEST2' })
    expect(names.claim('guest2', second)).toBeUndefined()
    expect(names.claim('guest', 'third')).toEqual({ suggestion: 'guest3' })
  })

  test('a suggestion is itself a name that is short enough', () => {
    const longest = 'n'.repeat(limits.nameCharactersMax)
    names.claim(longest, first)
    expect(names.claim(longest, second)?.suggestion).toBe(`${'n'.repeat(limits.nameCharactersMax - 1)}2`)
  })

  test('a released name is free at once', () => {
    names.claim('guest', first)
    names.release('guest', first)
    expect(names.count).toBe(0)
    expect(names.claim('guest', second)).toBeUndefined()
  })

  test('only the owner releases or holds', () => {
    names.claim('guest', first)
    names.release('guest', second)
    names.hold('guest', second)
    nowMs += limits.nameHeldMs
    expect(names.claim('guest', second)).toEqual({ suggestion: 'guest2' })
  })

  test('a held name is free after 20 s, not a millisecond before', () => {
    names.claim('guest', first)
    names.hold('guest', first)
    expect(names.claim('guest', second)).toEqual({ suggestion: 'guest2', freeInMs: limits.nameHeldMs })
    nowMs += limits.nameHeldMs - 1
    expect(names.claim('guest', second)).toEqual({ suggestion: 'guest2', freeInMs: 1 })
    nowMs += 1
    expect(names.claim('guest', second)).toBeUndefined()
  })

  test('names that were held long enough are forgotten', () => {
    for (let index = 0; index < 1_000; index += 1) {
      const owner = `owner${index}`
      names.claim(`guest${index}`, owner)
      names.hold(`guest${index}`, owner)
    }
    expect(names.count).toBe(1_000)
    nowMs += limits.nameHeldMs
    expect(names.count).toBe(0)
  })
})
