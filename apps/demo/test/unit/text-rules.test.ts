import { describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { lineFault, nameFault, nameKey, normalisedName, roomFault } from '../../src/text-rules.ts'

const esc = '\u001b'

describe('A name', () => {
  test.each(['guest', 'a', '7', 'Zoë', 'name-with_all.signs9', '山田', 'Ольга', 'נועה', 'देवी'])(
    'may be %s',
    (name) => {
      expect(nameFault(name)).toBeUndefined()
    },
  )

  test.each([
    ['empty', ''],
    ['a blank', ' '],
    ['a blank inside', 'two words'],
    ['a slash', '/quit'],
    ['a hyphen at the start', '-guest'],
    ['an asterisk, as in notices', '*'],
    ['a colon, as in lines', 'guest:'],
    ['an escape', `${esc}[2J`],
    ['a bell', 'a\u0007'],
    ['a line break', 'a\nb'],
    ['the C1 form of CSI', 'a\u009b31m'],
    ['a direction override', 'a\u202eb'],
    ['a direction mark', 'a\u200fb'],
    ['a zero-width space', 'a\u200bb'],
    ['a zero-width joiner', 'a\u200db'],
    ['a soft hyphen', 'a\u00adb'],
    ['an invisible letter (Hangul filler)', '\u3164'],
    ['a variation selector', 'a\ufe0f'],
    ['half of a surrogate pair', 'a\ud800'],
    ['five marks on one letter', `a${'\u0323'.repeat(5)}`],
    ['an emoji', '😀'],
  ])('is refused with a sentence that does not repeat it: %s', (_what, name) => {
    const sentence = nameFault(name)
    expect(sentence).toMatch(/^A name .*\.$/)
    expect(sentence).toMatch(/^[\x20-\x7e]*$/)
  })

  test('may have 24 characters, but not 25 or 10,000', () => {
    expect(nameFault('n'.repeat(limits.nameCharactersMax))).toBeUndefined()
    expect(nameFault('n'.repeat(limits.nameCharactersMax + 1))).toContain(
      'at most 24 characters; this one has 25',
    )
    expect(nameFault('n'.repeat(10_000))).toContain('at most 24 characters; this one has 10,000')
  })

  test('is counted in characters, not in UTF-16 units', () => {
    expect(nameFault('𠮷'.repeat(limits.nameCharactersMax))).toBeUndefined()
    expect(nameFault('𠮷'.repeat(limits.nameCharactersMax + 1))).toContain('this one has 25')
  })

  test('has one key for all its spellings', () => {
    expect(nameKey('Guest')).toBe(nameKey('guest'))
    expect(nameKey('ｇｕｅｓｔ')).toBe(nameKey('guest'))
    expect(nameKey('Zoe\u0308')).toBe(nameKey('Zoë'))
    expect(normalisedName('ﬁona')).toBe('fiona')
  })
})

describe('A room', () => {
  test('may have 32 characters, but not 33 or more', () => {
    expect(roomFault('r'.repeat(limits.roomCharactersMax))).toBeUndefined()
    expect(roomFault('r'.repeat(limits.roomCharactersMax + 1))).toContain(
      'at most 32 characters; this one has 33',
    )
    expect(roomFault('r'.repeat(1_000_000))).toContain('this one has 1,000,000')
  })

  test('is called a room in the sentence of a refusal', () => {
    expect(roomFault('')).toBe('A room must have at least one character, for example lobby.')
    expect(roomFault('two words')).toMatch(/^A room must begin/)
  })
})

describe('A line', () => {
  test.each([
    'hello',
    '  indented',
    'a family: 👩‍👩‍👧 and a heart ❤️',
    'می‌خواهم',
    'क्‍ष',
    'Tiếng Việt',
    'שלום, عالم',
    '🇫🇷 👍🏽',
  ])('may be %s', (line) => {
    expect(lineFault(line)).toBeUndefined()
  })

  test.each([
    ['an escape sequence', `${esc}[31mred`, 'U+001B at character 1'],
    ['an OSC title', `x${esc}]0;title\u0007`, 'U+001B at character 2'],
    ['a C1 CSI', 'x\u009b2J', 'U+009B'],
    ['a bell', '\u0007', 'U+0007'],
    ['a carriage return', 'over\rwritten', 'U+000D'],
    ['a tab', 'a\tb', 'U+0009'],
    ['DEL', '\u007f', 'U+007F'],
    ['a line separator', 'a\u2028b', 'U+2028'],
    ['a direction override', 'a\u202eb', 'U+202E'],
    ['an unclosed isolate', 'a\u2067b', 'U+2067'],
    ['a zero-width space', 'a\u200bb', 'U+200B'],
    ['a joiner between Latin letters', 'a\u200db', 'U+200D'],
    ['a joiner at the end', '👩\u200d', 'U+200D'],
    ['tag characters', 'a\u{e0041}', 'U+E0041'],
    ['two variation selectors', '❤\ufe0f\ufe0f', 'U+FE0F'],
    ['half of a surrogate pair', 'a\udc00', 'U+DC00'],
  ])('with %s is refused, and the sentence names the character', (_what, line, named) => {
    const sentence = lineFault(line)
    expect(sentence).toContain(named)
    expect(sentence).toMatch(/^[\x20-\x7e]*$/)
  })

  test('may have as many combining marks in a row as living scripts need, but not more', () => {
    const marks = (count: number) => `a${'\u0323'.repeat(count)}`
    expect(lineFault(marks(limits.marksInARowMax))).toBeUndefined()
    expect(lineFault(marks(limits.marksInARowMax + 1))).toContain('combining marks')
    expect(lineFault(marks(500))).toContain('combining marks')
  })

  test('may have 1,000 characters, but not 1,001 or more', () => {
    expect(lineFault('x'.repeat(limits.lineCharactersMax))).toBeUndefined()
    expect(lineFault('x'.repeat(limits.lineCharactersMax + 1))).toContain(
      'at most 1,000 characters; this one has 1,001',
    )
    expect(lineFault('x'.repeat(1_000_000))).toContain('this one has 1,000,000')
  })

  test('is refused if it has only blanks', () => {
    expect(lineFault('')).toContain('blank')
    expect(lineFault('   ')).toContain('blank')
  })
})
