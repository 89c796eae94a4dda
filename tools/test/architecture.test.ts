import { describe, expect, it } from 'vitest'
import { readRepositoryFile, repositoryFiles } from '../src/repository.ts'

/** The folders of which the picture shows every subfolder. */
const shown = [
  'packages/framing/src',
  'packages/client/src',
  'packages/server/src',
  'packages/protocol/src',
  'packages/protocol/src/session',
  'packages/iocp-core/src',
  'packages/iocp-core/native',
]
const rooms = ['packages', 'apps', 'tests']

/** The names of folders in the first picture: words that are followed by a slash. */
function foldersInPicture(document: string): readonly string[] {
  const picture = /```\n([\s\S]*?)```/.exec(document)?.[1] ?? ''
  return [...picture.matchAll(/([\w-]+(?:\/[\w-]+)*)\//g)].map(([, path = '']) => path)
}

/** The folders directly in `folder` that contain files. */
function foldersIn(folder: string): readonly string[] {
  const inside = repositoryFiles().filter((file) => file.startsWith(`${folder}/`))
  const names = inside.map((file) => file.slice(folder.length + 1).split('/'))
  return [...new Set(names.filter(({ length }) => length > 1).map(([first = '']) => first))]
}

describe('the picture of ARCHITECTURE.md', () => {
  const drawn = foldersInPicture(readRepositoryFile('ARCHITECTURE.md'))
  const lastNames = new Set(drawn.map((path) => path.split('/').at(-1)))

  it.each([...shown, ...rooms])('shows every folder of %s', (folder) => {
    const folders = foldersIn(folder)
    expect(folders.length).toBeGreaterThan(0)
    expect(folders.filter((name) => !lastNames.has(name))).toEqual([])
  })

  it('shows no folder that does not exist', () => {
    const all = new Set(repositoryFiles().flatMap((file) => file.split('/').slice(0, -1)))
    expect(drawn.length).toBeGreaterThan(30)
    expect(drawn.filter((path) => path.split('/').some((name) => !all.has(name)))).toEqual([])
  })

  it('is parsed by the slash after a name', () => {
    expect(foldersInPicture('```\n a/  text · b/ (c)\n d/e/ f\n```')).toEqual(['a', 'b', 'd/e'])
  })
})
