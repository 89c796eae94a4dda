import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PartFile } from '../../src/terminal/files/part-file.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frameport-part-'))
})
afterEach(() => rm(folder, { recursive: true }))

const here = (name: string) => join(folder, name)
const names = async () => (await readdir(folder)).sort()

async function arrived(name: string, text: string): Promise<PartFile> {
  const part = await PartFile.create(here(name), text.length)
  await part.write(Buffer.from(text))
  return part
}

test('a file gets its name when it is saved, and not earlier', async () => {
  const part = await arrived('notes.pdf', 'text')
  expect(await names()).toEqual(['notes.pdf.part'])
  expect(await part.save()).toBe(here('notes.pdf'))
  await part.discard()
  expect(await names()).toEqual(['notes.pdf'])
  expect(await readFile(here('notes.pdf'), 'utf8')).toBe('text')
})

test('a discarded file leaves nothing in the folder', async () => {
  const part = await arrived('notes.pdf', 'text')
  await part.discard()
  await part.discard()
  expect(await names()).toEqual([])
})

test('two files with one name can arrive at the same time, and both are kept', async () => {
  const [one, other] = [await arrived('x.txt', 'one'), await arrived('x.txt', 'other')]
  expect(await other.save()).toBe(here('x (2).txt'))
  expect(await one.save()).toBe(here('x.txt'))
  expect(await readFile(here('x.txt'), 'utf8')).toBe('one')
  expect(await readFile(here('x (2).txt'), 'utf8')).toBe('other')
})

test('a file that gets the same name during the transfer is not replaced', async () => {
  const part = await arrived('x.txt', 'mine')
  await writeFile(here('x.txt'), 'theirs')
  expect(await part.save()).toBe(here('x (2).txt'))
  expect(await readFile(here('x.txt'), 'utf8')).toBe('theirs')
})

test('links are not followed, neither a broken link nor one with the name of the part file', async () => {
  const target = join(folder, 'inner')
  await mkdir(target)
  await symlink(join(target, 'made-by-link'), here('x.txt'))
  await symlink(join(target, 'made-by-part'), here('x.txt.part'))
  const part = await arrived('x.txt', 'text')
  expect(await part.save()).toBe(here('x (2).txt'))
  expect(await readdir(target)).toEqual([])
})

test('missing folders are created', async () => {
  const part = await arrived('a/b/x.txt', 'text')
  expect(await part.save()).toBe(here('a/b/x.txt'))
})

test('a file that does not fit on the disk is refused before it is created', async () => {
  await expect(PartFile.create(here('x'), 2 ** 60)).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await names()).toEqual([])
})
