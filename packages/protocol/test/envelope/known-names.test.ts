import { describe, expect, it } from 'vitest'
import { nameAt } from '../../src/envelope/known-names.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const read = (text: string) => {
  const bytes = bytesOf(text)
  return nameAt(Uint8Array.of(7, ...bytes, 7), 1, bytes.length)
}

describe('a name in a frame', () => {
  it.each([
    ['of one letter', 'a'],
    ['of the maximum length that is cached', 'a'.repeat(127)],
    ['of one character more', 'a'.repeat(128)],
    ['with characters of several bytes', 'chat@1/größe.語'],
    ['that begins with a byte order mark', '\ufeffa'],
  ])('%s is read correctly, the first time and again', (_what, name) => {
    expect([read(name), read(name)]).toEqual([name, name])
  })

  it('is distinguished from names that differ in one letter anywhere', () => {
    const name = 'chat@1/join'
    const others = Array.from(name, (_, at) => `${name.slice(0, at)}x${name.slice(at + 1)}`)
    for (const other of others) {
      expect(read(name)).toBe(name)
      expect(read(other)).toBe(other)
    }
  })

  it('is distinguished from its prefixes and from longer names', () => {
    expect(['aaa', 'aaaa', 'aa', 'aaa'].map(read)).toEqual(['aaa', 'aaaa', 'aa', 'aaa'])
  })

  it('is remembered correctly after its frame was overwritten', () => {
    const frame = bytesOf('news@1/first')
    expect(nameAt(frame, 0, frame.length)).toBe('news@1/first')
    frame.fill(0x7a)
    expect(nameAt(frame, 0, frame.length)).toBe('zzzzzzzzzzzz')
    expect(read('news@1/first')).toBe('news@1/first')
  })

  it('that is not UTF-8 is refused each time', () => {
    const frame = Uint8Array.of(0x61, 0xff)
    for (let time = 0; time < 2; time++) expect(() => nameAt(frame, 0, 2)).toThrow(TypeError)
  })

  it('is read correctly among ten thousand others, of which few are remembered', () => {
    for (let number = 0; number < 10_000; number++) expect(read(`p/${number}`)).toBe(`p/${number}`)
  })
})
