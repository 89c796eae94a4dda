import { describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { transcriptRow } from '../../src/member/entry.ts'
import { Transcript } from '../../src/terminal/transcript.ts'

const never = new AbortController().signal
const aborted = AbortSignal.abort()

describe('/expect in a transcript', () => {
  test('finds a row that was added before the search', async () => {
    const transcript = new Transcript()
    transcript.add('alice: hello')
    expect(await transcript.expect('hello', never)).toBe(true)
  })

  test('waits for a row that is added later', async () => {
    const transcript = new Transcript()
    const found = transcript.expect('hello', never)
    transcript.add('alice: no')
    transcript.add('alice: hello')
    expect(await found).toBe(true)
  })

  test('does not find the same text twice', async () => {
    const transcript = new Transcript()
    transcript.add('alice: ping')
    expect(await transcript.expect('ping', never)).toBe(true)
    expect(await transcript.expect('ping', aborted)).toBe(false)
    transcript.add('alice: ping')
    expect(await transcript.expect('ping', aborted)).toBe(true)
  })

  test('does not search before the row that it matched last', async () => {
    const transcript = new Transcript()
    for (const row of ['one', 'two', 'three']) transcript.add(row)
    expect(await transcript.expect('two', aborted)).toBe(true)
    expect(await transcript.expect('one', aborted)).toBe(false)
    expect(await transcript.expect('three', aborted)).toBe(true)
  })

  test('finds different texts in the row that it matched last, in any order', async () => {
    const transcript = new Transcript()
    transcript.add('* In lobby (2): alice, bob')
    expect(await transcript.expect('bob', aborted)).toBe(true)
    expect(await transcript.expect('alice', aborted)).toBe(true)
    expect(await transcript.expect('alice, bob', aborted)).toBe(true)
    expect(await transcript.expect('alice', aborted)).toBe(false)
  })

  test('finds a text twice if one row contains it twice', async () => {
    const transcript = new Transcript()
    transcript.add('alice: ping ping')
    expect(await transcript.expect('ping', aborted)).toBe(true)
    expect(await transcript.expect('ping', aborted)).toBe(true)
    expect(await transcript.expect('ping', aborted)).toBe(false)
  })

  test('does not move on after a search without a result', async () => {
    const transcript = new Transcript()
    transcript.add('alice: hello')
    expect(await transcript.expect('goodbye', aborted)).toBe(false)
    expect(await transcript.expect('hello', aborted)).toBe(true)
  })

  test('ends when its signal aborts', async () => {
    const transcript = new Transcript()
    const controller = new AbortController()
    const found = transcript.expect('hello', controller.signal)
    transcript.add('alice: no')
    controller.abort()
    expect(await found).toBe(false)
  })

  test('does not find rows that were forgotten, and finds each of the others once', async () => {
    const transcript = new Transcript()
    transcript.add('first')
    expect(await transcript.expect('first', aborted)).toBe(true)
    for (let row = 0; row < limits.transcriptLinesMax + 5; row += 1) transcript.add(`row ${row};`)
    expect(await transcript.expect('row 4;', aborted)).toBe(false)
    expect(await transcript.expect('row 5;', aborted)).toBe(true)
    expect(await transcript.expect(`row ${limits.transcriptLinesMax + 4};`, aborted)).toBe(true)
  })
})

describe('A row of a transcript', () => {
  test('shows a line with its name, a notice and a fault', () => {
    expect(transcriptRow({ kind: 'line', atMs: 0, name: 'alice', text: 'hi', past: true })).toBe('alice: hi')
    expect(transcriptRow({ kind: 'notice', text: 'bob joined lobby' })).toBe('* bob joined lobby')
    expect(transcriptRow({ kind: 'fault', text: 'No such command.' })).toBe('! No such command.')
  })

  test('shows characters that a terminal would interpret as code points, for every sender', () => {
    const row = transcriptRow({
      kind: 'line',
      atMs: 0,
      name: 'e\u001b[2Jve',
      text: '\u009b31mred\r\n',
      past: false,
    })
    expect(row).toBe('e<U+001B>[2Jve: <U+009B>31mred<U+000D><U+000A>')
    expect(transcriptRow({ kind: 'notice', text: '\u0007' })).toBe('* <U+0007>')
  })
})
