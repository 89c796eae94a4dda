import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Editor } from './support/editor.ts'

const folder = fileURLToPath(new URL('programs/', import.meta.url))
const editor = new Editor(folder)

/** The position of `name` in the first line of a program that contains `text`. */
function at(program: string, text: string, name: string): readonly [file: string, position: number] {
  const file = join(folder, program)
  const position = readFileSync(file, 'utf8').indexOf(text)
  if (position < 0 || !text.includes(name)) throw new Error(`${program} has no ${text} with ${name}`)
  return [file, position + text.indexOf(name)]
}

const names = [
  ['a procedure of a client', 'client.ts', 'client.join(', 'join'],
  ['a procedure in a group', 'client.ts', 'annotated.files.put(', 'put'],
  ['an event of the contract', 'server.ts', 'chat.events.line', 'line'],
  ['a constructor of an error', 'server.ts', 'errors.NAME_TAKEN', 'NAME_TAKEN'],
  ['the name of a handler', 'server.ts', 'async join({', 'join'],
  ['the name of a handler in a group', 'server.ts', 'put: async', 'put'],
  ['a member of an input', 'server.ts', 'input.name', 'name'],
  ['a member of the data of an error', 'client.ts', 'data.suggestion', 'suggestion'],
  ['a procedure of a named contract', 'named.ts', 'client.files.put(', 'put'],
  ['the name of a handler of a named contract', 'named.ts', 'join: (', 'join'],
] as const

test.each(names)('going to the definition of %s leads to the contract', (_what, program, text, name) => {
  const found = editor.definitions(...at(program, text, name))
  expect(found.map(({ file, text }) => `${file}: ${text}`)).toContain(`chat.contract.ts: ${name}`)
})

test.each(names)('renaming %s renames it in the contract, too', (_what, program, text, name) => {
  const renamed = editor.renamed(...at(program, text, name)).map(({ file, text }) => `${file}: ${text}`)
  expect(renamed).toContain(`chat.contract.ts: ${name}`)
  expect(renamed).toContain(`${program}: ${name}`)
  expect(renamed.filter((place) => !place.endsWith(`: ${name}`))).toEqual([])
})

// A string is not a name for TypeScript. The compiler finds the remaining uses after the contract's name has changed.
test('renaming the event in $on renames it in every $on', () => {
  const renamed = editor.renamed(...at('client.ts', "$on('line'", 'line')).map(({ file }) => file)
  expect(renamed).toEqual(expect.arrayContaining(['client.ts', 'named.ts']))
})
