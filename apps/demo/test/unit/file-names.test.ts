import { describe, expect, test } from 'vitest'
import { byteSize } from '../../src/byte-sizes.ts'
import { fileNameFault, numberedFileName, savedFileName } from '../../src/file-names.ts'
import { limits } from '../../src/limits.ts'
import { firstUnsafeCharacter } from '../../src/safe-text.ts'

const utf8Bytes = (text: string) => Buffer.byteLength(text)

describe('The name under which a file is offered', () => {
  test.each([
    'notes.pdf',
    'a b (final).tar.gz',
    '.env',
    'Übersicht.txt',
    '山田.png',
    '👩‍👩‍👧.jpg',
    '-rf',
    'CON',
  ])('may be %j', (name) => {
    expect(fileNameFault(name)).toBeUndefined()
  })

  test.each([
    ['', 'must not be blank'],
    ['  ', 'must not be blank'],
    ['..', 'without a path'],
    ['../secret', 'without a path'],
    ['/etc/passwd', 'without a path'],
    ['a\\b', 'without a path'],
    ['a\u001b[2Jb', 'terminal escapes (U+001B at character 2)'],
    ['a\nb', 'control characters'],
    ['a\u0000b', 'U+0000'],
    ['gpj.\u202eexe', 'direction-changing characters (U+202E'],
    ['a\u200bb', 'invisible'],
    [`a${'\u0301'.repeat(5)}`, 'combining marks'],
  ])('may not be %j', (name, part) => {
    expect(fileNameFault(name)).toContain(part)
  })

  test('has a limit in bytes: at it, one over and far over', () => {
    expect(fileNameFault('x'.repeat(limits.fileNameBytesMax))).toBeUndefined()
    expect(fileNameFault('ü'.repeat(limits.fileNameBytesMax / 2))).toBeUndefined()
    expect(fileNameFault(`x${'ü'.repeat(limits.fileNameBytesMax / 2)}`)).toContain('has 241')
    expect(fileNameFault('x'.repeat(100_000))).toContain('has 100000')
  })
})

describe('The name under which a file of another member is saved', () => {
  test.each([
    ['notes.pdf', 'notes.pdf'],
    ['a b (final).tar.gz', 'a b (final).tar.gz'],
    ['👩‍👩‍👧.jpg', '👩‍👩‍👧.jpg'],
    ['../../.ssh/authorized_keys', 'authorized_keys'],
    ['/etc/passwd', 'passwd'],
    ['C:\\Windows\\system32\\cmd.exe', 'cmd.exe'],
    ['..', 'file'],
    ['.', 'file'],
    ['', 'file'],
    ['   ', 'file'],
    ['folder/', 'file'],
    ['.bashrc', '_bashrc'],
    ['...bashrc', '___bashrc'],
    ['-rf', '_rf'],
    ['~root', '_root'],
    ['name.  ', 'name'],
    ['  name', 'name'],
    ['a:stream', 'a_stream'],
    ['what?<yes>|"no"*', 'what__yes___no__'],
    ['NUL', '_NUL'],
    ['com1.txt', '_com1.txt'],
    ['console.txt', 'console.txt'],
    ['a\u001b[2Jb\u0007', 'a_[2Jb_'],
    ['gpj.\u202eexe', 'gpj._exe'],
    ['a\u0000.txt', 'a_.txt'],
    ['a\nb\r', 'a_b_'],
    ['\ud800x', '_x'],
  ])('is, for %j, %j', (offered, saved) => {
    expect(savedFileName(offered)).toBe(saved)
  })

  test.each([
    'x'.repeat(10_000),
    '山'.repeat(1_000),
    `${'x'.repeat(1_000)}.pdf`,
    `${'👩‍👩‍👧'.repeat(100)}.tar.gz`,
    `com1.${'x'.repeat(1_000)}`,
    `.${'.'.repeat(10_000)}`,
    `\u001b${'\u202e'.repeat(500)}`,
  ])('is short and safe for any offered name', (offered) => {
    const saved = savedFileName(offered)
    expect(utf8Bytes(saved)).toBeLessThanOrEqual(limits.fileNameBytesMax)
    expect(utf8Bytes(`${numberedFileName(saved, limits.fileNamesTriedMax)}.part`)).toBeLessThanOrEqual(255)
    expect(saved).not.toMatch(/^[.~-]|[/\\:]|[. ]$/)
    expect(firstUnsafeCharacter(saved)).toBeUndefined()
    expect(savedFileName(saved)).toBe(saved)
  })

  test('keeps its extension when it is shortened', () => {
    expect(savedFileName(`${'x'.repeat(1_000)}.pdf`)).toMatch(/^x{236}\.pdf$/)
  })

  test.each([
    ['notes.pdf', 2, 'notes (2).pdf'],
    ['notes.tar.gz', 3, 'notes (3).tar.gz'],
    ['README', 2, 'README (2)'],
    ['Dr. No, a film', 2, 'Dr. No, a film (2)'],
    ['notes.pdf', 1, 'notes.pdf'],
  ])('of %j with the number %i is %j', (name, number, numbered) => {
    expect(numberedFileName(name, number)).toBe(numbered)
  })
})

test.each([
  [0, '0 B'],
  [1, '1 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [1_234_567, '1.2 MB'],
  [99_949, '99.9 kB'],
  [99_951, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [limits.fileBytesMax, '1.1 GB'],
  [5e15, '5000 TB'],
])('%i bytes are %s', (bytes, text) => {
  expect(byteSize(bytes)).toBe(text)
})
