import { PassThrough, Writable } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LinePlace } from '../../src/chat-contract.ts'
import { limits } from '../../src/limits.ts'
import type { LineEntry } from '../../src/member/entry.ts'
import type { OlderAnswer } from '../../src/member/older-lines.ts'
import { ScreenView } from '../../src/terminal/views.ts'
import { settled } from '../support/manual-clock.ts'
import { ScreenEmulator } from '../support/screen-emulator.ts'
import { key } from '../support/screen-stage.ts'

const line = (number: number, text = `line ${number}`): LineEntry => ({
  kind: 'line',
  atMs: 0,
  name: 'bob',
  text,
  past: true,
  place: { log: 'aa', number },
})
const facts = (room: string) => ({ room, members: 1, away: 0, typing: [], files: [] })

describe('A view that is scrolled up', () => {
  let emulator: ScreenEmulator
  let input: PassThrough
  let view: ScreenView
  let asked: (LinePlace | undefined)[]
  let answers: ((page: OlderAnswer) => void)[]

  beforeEach(() => {
    emulator = new ScreenEmulator(70, 12)
    input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
    asked = []
    answers = []
    const output = Object.assign(
      new Writable({
        decodeStrings: false,
        write: (chunk: string, _encoding, done) => {
          void emulator.write(chunk.replaceAll(/(?<!\r)\n/g, '\r\n'))
          done()
        },
      }),
      { isTTY: false, columns: 70, rows: 12 },
    )
    view = new ScreenView(output as unknown as WriteStream, 'alice')
    view.changed(facts('lobby'))
    for (let number = 51; number <= 60; number += 1) view.show(line(number))
    const handlers = {
      line: () => {},
      typed: () => {},
      leave: () => {},
      hangUp: () => {},
      escape: () => {},
      complete: (): [string[], string] => [[], ''],
    }
    view.open(input as unknown as ReadStream, handlers, (before) => {
      asked.push(before)
      return new Promise((resolve) => answers.push(resolve))
    })
  })
  afterEach(() => void view.close())

  const pageUp = async () => {
    input.write(key.pageUp)
    await settled()
  }
  const answer = async (page: OlderAnswer) => {
    answers.shift()?.(page)
    await settled()
  }
  const shown = async () => {
    await emulator.write('')
    return emulator.visibleRows.map((row) => row.trim()).filter((row) => row !== '')
  }
  /** Scrolls up until the view makes no further requests. */
  const toTop = async () => {
    for (let times = 0; times < 4; times += 1) await pageUp()
  }

  test('requests the lines before its oldest one, one page at a time, and shows them above it', async () => {
    await toTop()
    expect(asked).toEqual([{ log: 'aa', number: 51 }])
    await answer({ lines: [line(49), line(50)], isStart: false })
    expect((await shown()).slice(0, 2)).toEqual([
      expect.stringMatching(/bob: line 49$/),
      expect.stringMatching(/bob: line 50$/),
    ])
    await pageUp()
    expect(asked.at(-1)).toEqual({ log: 'aa', number: 49 })
  })

  test('shows where the room begins, and makes no further request', async () => {
    await toTop()
    await answer({ lines: [line(50)], isStart: true })
    expect((await shown()).slice(0, 2)).toEqual([
      '* This is the beginning of lobby.',
      expect.stringMatching(/bob: line 50$/),
    ])
    await toTop()
    expect(asked).toHaveLength(1)
  })

  test('shows characters that a terminal would interpret as code points', async () => {
    await toTop()
    await answer({ lines: [line(50, '\u001b[2J\u202eowned')], isStart: false })
    expect((await shown())[0]).toContain('bob: <U+001B>[2J<U+202E>owned')
  })

  test('shows why older lines cannot be read, and requests them again', async () => {
    await toTop()
    await answer({ fault: 'The server did not answer.' })
    await pageUp()
    await pageUp()
    expect(asked).toHaveLength(2)
    view.close()
    expect((await shown()).join('\n')).toContain('! The server did not answer.')
  })

  test('shows no older lines of a room that was left meanwhile', async () => {
    await toTop()
    view.changed(facts('dev'))
    view.show(line(70, 'in dev'))
    await answer({ lines: [line(50)], isStart: true })
    await toTop()
    expect((await shown()).join('\n')).not.toContain('line 50')
    expect(asked.at(-1)).toEqual({ log: 'aa', number: 70 })
  })

  test('keeps a limited number of rows', async () => {
    await toTop()
    for (let first = 50_000; first > 40_000 && answers.length > 0; first -= 50) {
      await answer({
        lines: Array.from({ length: 50 }, (_, index) => line(first + index)),
        isStart: false,
      })
      for (let times = 0; times < 12 && answers.length === 0; times += 1) await pageUp()
    }
    expect(asked.length).toBeLessThan(limits.scrolledRowsMax / 50 + 2)
    expect((await shown())[0]).toBe(
      `* Lines before the ${limits.scrolledRowsMax} rows below are not shown here.`,
    )
  })
})
