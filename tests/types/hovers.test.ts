import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { Editor } from './support/editor.ts'
import { marksOf } from './support/marks.ts'

const folder = fileURLToPath(new URL('programs/', import.meta.url))
const editor = new Editor(folder)

test('the programs have no mistakes', () => {
  expect(editor.problems()).toEqual([])
})

describe.each(['client.ts', 'server.ts', 'named.ts', 'resuming.ts'])('the hovers of %s', (program) => {
  let shown: readonly string[]

  beforeAll(() => {
    const file = join(folder, program)
    shown = marksOf(program, readFileSync(file, 'utf8')).map(
      ({ name, line, position }) => `--- ${name}, line ${line}\n${editor.hover(file, position)}\n`,
    )
  }, 300_000)

  test('are those that were read and found good (`npx vitest run hovers -u` writes them anew)', async () => {
    await expect(shown.join('\n')).toMatchFileSnapshot(`hovers/${program.replace('.ts', '')}.txt`)
  })

  test('have a text for each name, no any, and nothing of the library that made the schemas', () => {
    const poor = /\n\n$|\bany\b|\bZod|ObjectSchema|StringSchema|\$strip|'~/
    expect(shown.filter((text) => poor.test(text))).toEqual([])
  })
})
