import { describe, expect, it } from 'vitest'
import { isTooDeep, jsonDepthMax } from '../../src/envelope/json-depth.ts'
import { peerText } from '../../src/envelope/peer-text.ts'
import { encodeUtf8, fitText, isWellFormedText } from '../../src/envelope/text.ts'

describe('a long text of the peer', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['a\nb', 3, 'a b'],
    ['', 1, ''],
  ])('%j, cut to %i characters, is shown as %j', (text, lengthMax, shown) => {
    expect(peerText(text, lengthMax)).toBe(shown)
  })

  it('is shown whole when there is no limit', () => {
    expect(peerText('x'.repeat(100_000))).toHaveLength(100_000)
  })

  it('keeps the joiners of scripts, and is shown on one line whatever breaks it has', () => {
    expect(peerText('a\u200cb\u200dc')).toBe('a\u200cb\u200dc')
    expect(peerText('a\t\n\v\f\r\u0085\u2028\u2029b\nc\nd')).toBe('a b c d')
    expect(peerText('\u200b\u00ad\ud800x\udfff')).toBe('\ufffd\ufffd\ufffdx\ufffd')
  })
})

describe('a text that is cut', () => {
  it.each([
    ['', 0, ''],
    ['ä', 1, ''],
    ['ä', 2, 'ä'],
    ['\u{1f600}\u{1f600}', 7, '\u{1f600}'],
    ['\ufeffa', 4, '\ufeffa'],
    ['a\ud800', 3, 'a'],
    ['a\ud800', 4, 'a\ufffd'],
  ])('%j, cut to %i bytes between characters, is %j', (text, bytesMax, fitted) => {
    expect(fitText(text, bytesMax)).toBe(fitted)
    expect(encodeUtf8(fitText(text, bytesMax)).length).toBeLessThanOrEqual(bytesMax)
  })

  it.each([
    ['a\u{1f600}', true],
    ['\ud83d', false],
    ['\ude00\ud83d', false],
  ])('%j is well formed: %s', (text, wellFormed) => {
    expect(isWellFormedText(text)).toBe(wellFormed)
  })
})

describe('the depth of a JSON text', () => {
  const nested = (depth: number, open = '[', close = ']') => `${open.repeat(depth)}1${close.repeat(depth)}`

  it.each([
    ['arrays at the limit', nested(jsonDepthMax), false],
    ['arrays one level over the limit', nested(jsonDepthMax + 1), true],
    ['objects at the limit', nested(jsonDepthMax, '{"a":', '}'), false],
    ['objects one level over the limit', nested(jsonDepthMax + 1, '{"a":', '}'), true],
    ['alternating arrays and objects at the limit', nested(jsonDepthMax / 2, '[{"a":', '}]'), false],
    ['alternating arrays and objects over the limit', nested(jsonDepthMax / 2 + 1, '[{"a":', '}]'), true],
    ['siblings', `[${'[],'.repeat(500)}{}]`, false],
    ['siblings that are objects', `[${'{},'.repeat(500)}[]]`, false],
    ['brackets in a text', JSON.stringify('[{'.repeat(500)), false],
    ['brackets after an escaped quote', JSON.stringify(`"${'['.repeat(500)}`), false],
    ['brackets after an escaped backslash', `["\\\\",${nested(jsonDepthMax)}]`, true],
    ['brackets between texts', `["a",${nested(jsonDepthMax)},"b"]`, true],
    ['an array at the limit with one more pair of brackets', `[${nested(jsonDepthMax - 1)},[]]`, false],
    ['unclosed arrays', '['.repeat(1_000), true],
    ['a long text without brackets', 'x'.repeat(1_000), false],
  ])('is measured in %s', (_name, text, tooDeep) => {
    expect(isTooDeep(text)).toBe(tooDeep)
  })
})
