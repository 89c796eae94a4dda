import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { pathChoices, shownPath, startFolder, typedPath } from '../../src/terminal/files/paths.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frameport-paths-'))
  await mkdir(join(folder, 'sub folder'))
  await mkdir(join(folder, 'many'))
  for (const name of ['Summer.txt', 'summary.pdf', '.hidden', 'su\u001b[2J', 'other'])
    await writeFile(join(folder, name), '')
  for (let file = 0; file < 100; file += 1) await writeFile(join(folder, 'many', `file${file}`), '')
})
afterAll(() => rm(folder, { recursive: true }))

test.each([
  ['notes.pdf', '/here/notes.pdf'],
  ['my notes.pdf', '/here/my notes.pdf'],
  ['"my notes.pdf"', '/here/my notes.pdf'],
  ["'my notes.pdf'", '/here/my notes.pdf'],
  [`it's`, `/here/it's`],
  ['../x', '/x'],
  ['/etc/hosts', '/etc/hosts'],
  ['~/x', join(homedir(), 'x')],
  ['"~/x"', join(homedir(), 'x')],
  ['~other/x', '/here/~other/x'],
])('%j is the path %j', (typed, path) => {
  expect(typedPath(typed, '/here')).toBe(path)
})

test('a path is shown relative to the start folder or the home folder, or in full', () => {
  expect(shownPath(join(startFolder(), 'in/x'))).toBe('in/x')
  expect(shownPath(join(homedir(), 'some/where'))).toBe('~/some/where')
  expect(shownPath('/etc/hosts')).toBe('/etc/hosts')
})

test('Tab offers existing names, without hidden files and names that a terminal would interpret', () => {
  expect(pathChoices('s', folder)).toEqual(['Summer.txt', 'sub folder/', 'summary.pdf'])
  expect(pathChoices('.h', folder)).toEqual(['.hidden'])
  expect(pathChoices('sub folder/', folder)).toEqual([])
  expect(pathChoices(`${folder}/o`, '/')).toEqual([`${folder}/other`])
  expect(pathChoices('nowhere/x', folder)).toEqual([])
  expect(pathChoices('many/', folder)).toHaveLength(limits.pathChoicesMax)
})
