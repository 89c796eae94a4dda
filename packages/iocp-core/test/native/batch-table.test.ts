import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  counterIndex,
  entryWord,
  entryWords,
  recordKind,
  recordWord,
  recordWords,
} from '../../src/native/batch-table.ts'

const header = readFileSync(new URL('../../native/engine/batch_table.h', import.meta.url), 'utf8')

const camelCase = (name: string) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

function bodyOf(declaration: string): string {
  const body = header.split(`${declaration} {\n`)[1]?.split('\n};')[0]
  if (body === undefined) throw new Error(`batch_table.h has no ${declaration}`)
  return body
}

/** The word of each member. Members follow each other, and those of a union share one word. */
function wordsOf(struct: string): { words: Record<string, number>; count: number } {
  const words: Record<string, number> = {}
  let count = 0
  let inUnion = false
  for (const line of bodyOf(`struct ${struct}`).split('\n')) {
    const member = /^ +u?int32_t (\w+);/.exec(line)?.[1]
    if (member !== undefined) words[camelCase(member)] = count
    if (line.includes('union {')) inUnion = true
    else if (line.includes('};')) inUnion = false
    if (member !== undefined ? !inUnion : line.includes('};')) count++
  }
  return { words, count }
}

describe('the memory shared with the addon has one layout on both sides', () => {
  test('the words of a record', () => {
    expect(wordsOf('BatchRecord')).toEqual({ words: recordWord, count: recordWords })
  })

  test('the kinds of records', () => {
    const members = bodyOf('enum class RecordKind : int32_t').matchAll(/^ +(\w+) = (\d+),/gm)
    expect(
      Object.fromEntries([...members].map(([, name, kind]) => [camelCase(name!), Number(kind)])),
    ).toEqual(recordKind)
  })

  test('the words of an entry of the send arena', () => {
    const { words, count } = wordsOf('SendEntry')
    expect(words).toMatchObject(entryWord)
    expect(count).toBe(entryWords)
  })

  test('the live counts', () => {
    expect(wordsOf('Counters').words).toEqual(counterIndex)
  })
})
