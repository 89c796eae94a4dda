import { expect, test } from 'vitest'
import { gapSentence } from '../../src/member/sentences.ts'

test.each([
  [0, 'terminal', 'Some lines are missing here: this terminal did not keep up.'],
  [1, 'page', 'A line is missing here: this page did not keep up.'],
  [7, 'page', '7 lines are missing here: this page did not keep up.'],
] as const)('a gap of %i lines in a %s has a sentence', (events, at, sentence) => {
  expect(gapSentence(events, at)).toBe(sentence)
})
