import { RpcError } from '@frameport/protocol'
import { describe, expect, test } from 'vitest'
import { sentenceOf } from '../../src/member/failures.ts'
import { pictureType } from '../../src/page/files/picture.ts'
import { pageSentenceOf } from '../../src/page/sentences.ts'

describe('The sentence of the page for a failure', () => {
  test('tells to choose a name in the form, and by an option in a terminal', () => {
    const taken = new RpcError('NAME_TAKEN', 'taken', { data: { suggestion: 'anna2', freeInMs: 4_100 } })
    const wish = { name: 'anna' }
    expect(pageSentenceOf(taken, wish)).toMatch(
      /^The name anna is reserved for another 5 s, because .* or try anna2\.$/,
    )
    expect(sentenceOf(taken, wish)).toMatch(/ or try --name anna2\.$/)
  })

  test.each([
    'NAME_TAKEN',
    'NAME_FIXED',
    'ROOM_FULL',
    'ROOMS_FULL',
    'NO_SUCH_FILE',
    'HAS_BEGUN',
    'OWN_FILE',
    'TAKEN_ALREADY',
    'TOO_SLOW',
    'NOT_IN_ROOM',
    'UNAVAILABLE',
    'DEADLINE_EXCEEDED',
  ])('for %s contains no commands of the terminal', (code) => {
    const said = pageSentenceOf(new RpcError(code, 'no'), { name: 'anna', room: 'lobby', file: 'x.bin' })
    expect(said).not.toMatch(/(^|\s)(\/\w|--\w)/)
  })

  test.each(['member', 'room', 'server'])('for too many files of a %s contains no commands, either', (of) => {
    expect(pageSentenceOf(new RpcError('FILES_FULL', 'no', { data: { of, filesMax: 2 } }))).not.toMatch(
      /\s\/\w/,
    )
  })
})

describe('The type of a picture follows from its first bytes', () => {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))

  test.each([
    ['\x89PNG\r\n', 'image/png'],
    ['\xff\xd8\xff\xe0', 'image/jpeg'],
    ['GIF89a', 'image/gif'],
    ['RIFF\x24\0\0\0WEBPVP8 ', 'image/webp'],
    ['RIFF\x24\0\0\0WAVEfmt ', undefined],
    ['RIFF\x24\0\0\0AVI LIST', undefined],
    ['RIFF', undefined],
    ['<svg xmlns=', undefined],
    ['', undefined],
  ])('%j is %s', (first, type) => {
    expect(pictureType(bytes(first))).toBe(type)
  })
})
