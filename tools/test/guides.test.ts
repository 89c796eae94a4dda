import { expect, it } from 'vitest'
import { readRepositoryFile, repositoryFiles } from '../src/repository.ts'

const folder = 'docs/guides/'
const guides = repositoryFiles()
  .filter((file) => file.startsWith(folder) && file.endsWith('.md'))
  .map((file) => file.slice(folder.length))
  .filter((name) => name !== 'README.md')
const rows = [...readRepositoryFile(`${folder}README.md`).matchAll(/^\| \[[^\]]+\]\(([^)]+)\) \| \S.* \|$/gm)]
const listed = rows.map(([, target]) => target)

it('the index of guides lists each guide once, with its task', () => {
  expect(guides.length).toBeGreaterThan(20)
  expect(listed.toSorted()).toEqual(guides.toSorted())
})
