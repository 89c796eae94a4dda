import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { limits } from '../../src/limits.ts'
import { Typists, typingSentence } from '../../src/member/typists.ts'

describe('The notice about who is typing', () => {
  const shown: string[] = []
  let typists = new Typists(() => {})

  beforeEach(() => {
    vi.useFakeTimers()
    shown.length = 0
    typists = new Typists((names) => shown.push(typingSentence(names)))
  })
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  test('changes once per name, and disappears when the server reports the name no longer', () => {
    expect(typists.typing('alice')).toBe(true)
    vi.advanceTimersByTime(limits.typingShownMs - 1)
    expect(typists.typing('alice')).toBe(false)
    vi.advanceTimersByTime(limits.typingShownMs - 1)
    expect(shown).toEqual(['alice is typing'])
    vi.advanceTimersByTime(1)
    expect(shown).toEqual(['alice is typing', ''])
  })

  test('does not name a member whose line has arrived', () => {
    typists.typing('alice')
    typists.typing('bob')
    typists.typing('carol')
    typists.stopped('alice')
    typists.stopped('nobody')
    typists.clear()
    expect(shown).toEqual([
      'alice is typing',
      'alice and bob are typing',
      '3 people are typing',
      'bob and carol are typing',
      '',
    ])
  })
})
