import { expect, it } from 'vitest'
import { namesLeftOut, testsLeftOut } from '../../mutation/src/parts.ts'
import { readRepositoryFile, repositoryFiles } from '../src/repository.ts'

const testFiles = repositoryFiles().filter((file) => file.endsWith('.test.ts'))

it('each file that the mutation runs leave out exists', () => {
  const absent = testsLeftOut.filter((path) => {
    const parts = path.split('**')
    return !testFiles.some((file) => parts.every((part) => file.includes(part)))
  })
  expect(absent).toEqual([])
})

it('each name of a test that the mutation runs leave out occurs in its file', () => {
  const absent = namesLeftOut.filter((path) => {
    const [name = '', ...parts] = path.split(' > ')
    const files = testFiles
      .filter((file) => file.endsWith(`/${name}`))
      .map((file) => readRepositoryFile(file))
    return !files.some((text) => parts.every((part) => text.includes(`('${part}`)))
  })
  expect(absent).toEqual([])
})
