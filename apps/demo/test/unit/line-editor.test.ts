import { beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { applyKey, type Key } from '../../src/terminal/editing-keys.ts'
import { LineEditor } from '../../src/terminal/line-editor.ts'

describe('The line being typed', () => {
  let editor = new LineEditor()
  beforeEach(() => {
    editor = new LineEditor()
  })

  /** The text with a bar at the cursor. */
  const shown = () => `${editor.text.slice(0, editor.cursor)}|${editor.text.slice(editor.cursor)}`

  function after(text: string, ...names: string[]): string {
    editor.insert(text)
    for (const name of names) applyKey(editor, undefined, keyOf(name))
    return shown()
  }

  function keyOf(name: string): Key {
    const parts = name.split('-')
    return { name: parts.at(-1), ctrl: parts.includes('ctrl'), meta: parts.includes('meta') }
  }

  test.each([
    ['one two', ['home'], '|one two'],
    ['one two', ['ctrl-a', 'end'], 'one two|'],
    ['one two', ['ctrl-left'], 'one |two'],
    ['one two', ['meta-b', 'meta-b', 'meta-b'], '|one two'],
    ['one two', ['ctrl-a', 'ctrl-right'], 'one| two'],
    ['one two', ['left', 'ctrl-w'], 'one |o'],
    ['one  two  ', ['ctrl-w'], 'one  |'],
    ['one two', ['ctrl-a', 'meta-d'], '| two'],
    ['one two', ['ctrl-left', 'ctrl-u'], '|two'],
    ['one two', ['ctrl-left', 'ctrl-k', 'ctrl-a', 'ctrl-y'], 'two|one '],
    ['one two', ['ctrl-u', 'ctrl-k', 'ctrl-y'], 'one two|'],
    ['one', ['home', 'delete', 'ctrl-d'], '|e'],
    ['one', ['home', 'backspace', 'left'], '|one'],
    ['one', ['delete', 'right'], 'one|'],
    ['one', ['up', 'down', 'f5', 'ctrl-x', 'constructor'], 'one|'],
  ])('%s, then %j', (text, names, expected) => {
    expect(after(text, ...names)).toBe(expected)
  })

  test('can be replaced by earlier lines, each once, and is kept meanwhile', () => {
    for (const line of ['one', 'two', 'one', '  ']) {
      editor.insert(line)
      expect(editor.take()).toBe(line)
    }
    expect(after('new', 'up')).toBe('one|')
    expect(after('', 'up', 'up')).toBe('two|')
    expect(after('', 'down', 'down', 'down')).toBe('new|')
  })

  test('can be replaced by as many earlier lines as the limit allows', () => {
    for (let line = 0; line <= limits.typedLinesKept; line += 1) {
      editor.insert(`line ${line}`)
      editor.take()
    }
    for (let line = 0; line <= limits.typedLinesKept + 5; line += 1) editor.older()
    expect(shown()).toBe('line 1|')
  })

  test('accepts the longest line, but not one unit more or far more', () => {
    editor.insert('x'.repeat(limits.typedUnitsMax))
    editor.insert('y')
    expect(editor.text).toBe('x'.repeat(limits.typedUnitsMax))
    editor.take()
    editor.insert('z'.repeat(10 * limits.typedUnitsMax))
    expect(editor.text).toHaveLength(limits.typedUnitsMax)
  })
})
