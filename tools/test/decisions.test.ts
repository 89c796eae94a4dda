import { describe, expect, it } from 'vitest'
import { decisionFiles, decisionIndex, formProblems, parseDecision, readDecision } from '../src/decisions.ts'
import { readRepositoryFile } from '../src/repository.ts'

const files = decisionFiles()
const decisions = files.map((file) => parseDecision(file, readDecision(file)))

describe('the decisions in docs/adr', () => {
  it.each(files)('%s has a title, a status with a date, a context, a decision and consequences', (file) => {
    expect(formProblems(file, readDecision(file))).toEqual([])
  })

  it('have unique numbers', () => {
    const numbers = decisions.map(({ number }) => number)
    expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([])
  })

  it.each(decisions)('$file and the decisions that replace it name each other', (decision) => {
    const { number, replaces, replacedBy } = decision
    const numbersOf = (side: 'replaces' | 'replacedBy') =>
      decisions.filter((other) => other[side].includes(number)).map((other) => other.number)
    expect([...replacedBy].sort()).toEqual(numbersOf('replaces').sort())
    expect([...replaces].sort()).toEqual(numbersOf('replacedBy').sort())
  })

  it('are listed in docs/adr/README.md (npm run decisions writes it)', () => {
    expect(readRepositoryFile('docs/adr/README.md')).toBe(decisionIndex(decisions))
  })
})

const whole = [
  '# 7. A title',
  '',
  'Status: accepted, 2026-11-23. Replaced in part by [ADR 27](0027-wire.md): layouts.',
  '',
  '## Context',
  '## Decision',
  '## Measured',
  '## Consequences',
].join('\n')

describe('the form of a decision', () => {
  it('is parsed', () => {
    expect(formProblems('0007-a-title.md', whole)).toEqual([])
    expect(parseDecision('0007-a-title.md', whole)).toEqual({
      number: 7,
      file: '0007-a-title.md',
      title: 'A title',
      status: 'accepted',
      date: '2026-11-23',
      replaces: [],
      replacedBy: [27],
    })
  })

  it('may state that another decision replaces it as a whole', () => {
    const text = whole.replace(/^Status.*$/m, 'Status: replaced by [ADR 27](0027-wire.md), 2026-11-26.')
    expect(formProblems('0007-a-title.md', text)).toEqual([])
    expect(parseDecision('0007-a-title.md', text)).toMatchObject({
      status: 'replaced by ADR 27',
      date: '2026-11-26',
      replacedBy: [27],
    })
  })

  it.each([
    ['a number that differs from the number of its file', '# 7.', '# 8.'],
    ['a colon after the number', '# 7.', '# 7:'],
    ['no date', ', 2026-11-23', ''],
    ['another status', 'accepted', 'maybe'],
    ['a status of two lines', ': layouts.', ':\nlayouts.'],
    ['a link whose number differs', '(0027-wire.md)', '(0026-wire.md)'],
    ['no consequences', '## Consequences', '## What follows'],
    ['a section before the context', '## Context', '## Before\n## Context'],
    ['a decision before the context', '## Context\n## Decision', '## Decision\n## Context'],
  ])('excludes a page with %s', (_, from, to) => {
    expect(whole).toContain(from)
    expect(formProblems('0007-a-title.md', whole.replace(from, to))).not.toEqual([])
  })
})
