import { describe, expect, it } from 'vitest'
import { pathOf, placeOf } from '../../../site/src/pages.ts'
import { type SidebarItem, writtenSidebars } from '../../../site/src/sidebar.ts'
import { readRepositoryFile, repositoryFiles } from '../../src/repository.ts'

const pages = repositoryFiles().filter((file) => placeOf(file) !== undefined && file !== 'site/index.md')

function linksOf(items: readonly SidebarItem[]): string[] {
  return items.flatMap(({ link, items: below = [] }) => [
    ...(link === undefined ? [] : [link]),
    ...linksOf(below),
  ])
}

const sidebars = Object.entries(writtenSidebars())

describe('the sidebars of the site', () => {
  it('list every page once, in its own sidebar', () => {
    for (const [start, items] of sidebars.filter(([path]) => path !== '/overview')) {
      const wanted = pages.map((file) => pathOf(file) ?? '').filter((path) => path.startsWith(start))
      const listed = linksOf(items).filter((link) => link.startsWith(start))
      expect(listed.sort(), start).toEqual(wanted.sort())
    }
    const all = new Set(sidebars.flatMap(([, items]) => linksOf(items)))
    expect(pages.map((file) => pathOf(file)).filter((path) => path === undefined || !all.has(path))).toEqual(
      [],
    )
  })

  it('list the guides in the groups and the order of their index', () => {
    const index = readRepositoryFile('docs/guides/README.md')
    const [first, ...groups] = writtenSidebars()['/guides/'] ?? []
    expect(first?.items).toEqual([{ text: 'All guides', link: '/guides/' }])
    expect(groups.map(({ text }) => text)).toEqual(
      [...index.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading).filter((text) => text !== 'Reference'),
    )
    const files = [...index.matchAll(/^\| \[[^\]]+\]\(([^)]+)\.md\)/gm)].map(([, name]) => `/guides/${name}`)
    expect(linksOf(groups)).toEqual(files)
    expect(files.length).toBeGreaterThan(20)
  })
})
