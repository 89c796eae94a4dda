import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { firstUnsafeCharacter, neutralised } from '../../src/safe-text.ts'

describe('Neutralised text', () => {
  test('shows an escape character as its code point', () => {
    expect(neutralised('\u001b[2Jgone')).toBe('<U+001B>[2Jgone')
    expect(neutralised('a\u009b2J')).toBe('a<U+009B>2J')
    expect(neutralised('pay\u202etxt')).toBe('pay<U+202E>txt')
  })

  test('leaves emoji and scripts that need joiners unchanged', () => {
    for (const text of ['👩‍👩‍👧', '❤️', 'می‌خواهم', 'क्‍ष', 'שלום']) expect(neutralised(text)).toBe(text)
  })

  test('keeps only the first combining marks of a long series', () => {
    expect([...neutralised(`a${'\u0323'.repeat(100)}b`)]).toHaveLength(2 + limits.marksInARowMax)
  })

  test('contains no unsafe character, for every input', () => {
    const nasty = fc.constantFrom(
      ...[
        '\u001b',
        '\u009b',
        '\u202e',
        '\u200d',
        '\u200b',
        '\ufe0f',
        '\u0323',
        '\ud800',
        '👩',
        'ا',
        'a',
        '\n',
      ],
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: 'binary' }))), (parts) => {
        expect(firstUnsafeCharacter(neutralised(parts.join('')))).toBeUndefined()
      }),
    )
  })
})
