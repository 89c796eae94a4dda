import { describe, expect, test } from 'vitest'
import { displayWidth, fitted } from '../../src/terminal/display-width.ts'

describe('The width of a text', () => {
  test.each([
    ['guest', 5],
    ['山田', 4],
    ['한글', 4],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['👍🏽', 2],
    ['🇫🇷', 2],
    ['❤️', 2],
    ['1️⃣', 2],
    ['می‌خ', 3],
    ['क्‍ष', 1],
    ['שלום', 4],
    ['── ›', 4],
    ['', 0],
  ])('of %s is %i columns', (text, columns) => {
    expect(displayWidth(text)).toBe(columns)
  })

  test('is only cut between whole characters', () => {
    expect(fitted('a👩‍👩‍👧b', 2)).toBe('a')
    expect(fitted('a👩‍👩‍👧b', 3)).toBe('a👩‍👩‍👧')
    expect(fitted('山田', 3)).toBe('山')
    expect(fitted('山田', 0)).toBe('')
  })
})
