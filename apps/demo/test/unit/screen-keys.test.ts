import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { key, paste, ScreenStage } from '../support/screen-stage.ts'

describe('The keys of a screen', () => {
  let stage: ScreenStage
  beforeEach(() => {
    stage = new ScreenStage()
  })
  afterEach(() => stage.screen.close())

  const status = `── lobby · 2 here ${'─'.repeat(21)}`

  test('Return removes the typed line, so that only its result is shown', async () => {
    await stage.press('hello\r')
    expect(stage.lines).toEqual(['hello'])
    expect((await stage.shown()).text).toBe(`${status}\nguest ›`)
    await stage.press(`${'long '.repeat(20)}${key.home}\r`)
    expect((await stage.shown()).text).toBe(`${status}\nguest ›`)
  })

  test('a pasted page is split into its lines, with or without bracketed paste', async () => {
    const page = 'one\ntwo\r\nthree\nfou'
    await stage.press(page)
    expect(stage.lines).toEqual(['one', 'two', 'three'])
    expect((await stage.shown()).text).toBe(`${status}\nguest › fou`)
    await stage.press(paste(`r\r${page}`))
    expect(stage.lines).toEqual(['one', 'two', 'three', 'four', 'one', 'two', 'three'])
    expect((await stage.shown()).text).toBe(`${status}\nguest › fou`)
  })

  test('a pasted tab becomes a space and completes nothing, and pasted control characters do nothing', async () => {
    await stage.press(paste('/he\tx\u0003\u001a\u0015y'))
    expect((await stage.shown()).text).toBe(`${status}\nguest › /he xy`)
    expect(stage.left).toBe(0)
  })

  test.each([
    ['a family', '👩‍👩‍👧'],
    ['a skin tone', '👍🏽'],
    ['a flag', '🇫🇷'],
    ['a key cap', '1️⃣'],
    ['a letter with marks', 'e\u0301\u0323'],
    ['a conjunct of Devanagari', 'क्‍ष'],
  ])('Backspace deletes %s as a whole, and an arrow key steps over it', async (_name, grapheme) => {
    await stage.press(`a${grapheme}b${key.left}${key.left}`)
    expect((await stage.shown()).cursor.column).toBe('guest › a'.length)
    await stage.press('X')
    expect((await stage.shown()).text).toBe(`${status}\nguest › aX${grapheme}b`)
    await stage.press(`\u001b[C${key.back}\r`)
    expect(stage.lines).toEqual(['aXb'])
  })

  test('pasted characters that a terminal would interpret are shown as code points, and sent unchanged', async () => {
    await stage.press('a\u202eb\u200bc')
    expect((await stage.shown()).text).toBe(`${status}\nguest › a<U+202E>b<U+200B>c`)
    expect(stage.emulator.cursor.column).toBe('guest › a<U+202E>b<U+200B>c'.length)
    await stage.press(`${key.left}${key.back}\r`)
    expect(stage.lines).toEqual(['a\u202ebc'])
  })

  test('Ctrl-L draws everything again', async () => {
    stage.screen.print(() => 'alice: hi')
    await stage.press('hel')
    await stage.emulator.write('\u001b[2;2Hnoise')
    await stage.press(key.redraw)
    expect((await stage.shown()).text).toBe(`alice: hi\n${status}\nguest › hel`)
  })

  test('Tab completes a command, completes the common beginning of several names, and lists them', async () => {
    await stage.press('/he\t')
    expect((await stage.shown()).text).toBe(`${status}\nguest › /help`)
    stage.names = ['Alice', 'alina', 'bob']
    await stage.press('\u0015a\t')
    expect((await stage.shown()).text).toBe(`${status}\nguest › Ali`)
    await stage.press('\t')
    expect((await stage.shown()).text).toBe(`Alice  alina\n${status}\nguest › Ali`)
    await stage.press('c\tx\t')
    expect((await stage.shown()).text).toBe(`Alice  alina\n${status}\nguest › Alicex`)
  })

  test('the arrow keys show older lines again, and an incoming row changes nothing', async () => {
    await stage.press(`one\rtwo\rdraft${key.up}${key.up}`)
    stage.screen.print(() => 'alice: hi')
    expect((await stage.shown()).text).toBe(`alice: hi\n${status}\nguest › one`)
    await stage.press('\u001b[B\u001b[B')
    expect((await stage.shown()).text).toBe(`alice: hi\n${status}\nguest › draft`)
  })

  test.each([
    ['Ctrl-C', key.interrupt],
    ['Ctrl-D', key.end],
  ])('%s leaves, and the terminal is restored without the prompt', async (_name, keys) => {
    stage.screen.print(() => 'alice: hi')
    await stage.press(keys)
    expect(stage.left).toBe(1)
    stage.screen.close()
    stage.screen.close()
    stage.screen.print(() => '* bye')
    expect((await stage.shown()).text).toBe('alice: hi\n* bye')
  })

  test('Ctrl-D in a line deletes the character at the cursor and does not leave', async () => {
    await stage.press(`abc${key.home}${key.end}`)
    expect((await stage.shown()).text).toBe(`${status}\nguest › bc`)
    expect(stage.left).toBe(0)
  })

  test('Esc is reported once no longer key sequence can follow, and keeps the line', async () => {
    await stage.press('half')
    await stage.press('\u001b[D')
    await stage.press('\u001b')
    await vi.waitUntil(() => stage.escapes > 0, 5_000)
    expect(stage.escapes).toBe(1)
    await stage.press('x')
    expect((await stage.shown()).text).toBe(`${status}\nguest › halxf`)
  })

  test('the end of the input counts as the end of the terminal', async () => {
    stage.input.end()
    await new Promise((resolve) => setImmediate(resolve))
    expect(stage.gone).toBe(1)
  })
})
