import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathOf, readPage, repositoryRoot } from '../pages.ts'
import type { SidebarItem } from '../sidebar.ts'
import { apiEntries, apiPage, type Entry } from './entries.ts'

/**
 * The sidebar of each page of the API, by its path: what the entry exports, and the other entries.
 *
 * @throws Error when the pages have not been written
 */
export function apiSidebars(): Readonly<Record<string, readonly SidebarItem[]>> {
  const entries = apiEntries()
  const all = {
    text: 'Entries',
    items: entries.map((entry) => ({ text: entry.name, link: pathOfEntry(entry) })),
  }
  const back = { text: 'API', items: [{ text: 'All entries', link: '/api/' }] }
  // VitePress takes the first path that a page begins with, and /api/client is the beginning of /api/client/tcp.
  const own = entries.map(
    (entry) => [pathOfEntry(entry), [back, ...exportsOf(entry), { ...all, collapsed: true }]] as const,
  )
  return Object.fromEntries([...own.reverse(), ['/api/', [all]]])
}

function pathOfEntry(entry: Entry): string {
  return pathOf(apiPage(entry)) ?? ''
}

/** The headings of the second and the third level: kinds of exports, and the exports. */
function exportsOf(entry: Entry): SidebarItem[] {
  const page = apiPage(entry)
  if (!existsSync(join(repositoryRoot, page)))
    throw new Error(`${page} is missing. The pages of the API are written by: npm run api --prefix site`)
  const [, ...groups] = readPage(page).split(/^## /m)
  return groups.map((group) => ({
    text: (group.split('\n')[0] ?? '').replace(/ \{#.*$/, ''),
    items: [...group.matchAll(/^### (.+?)(?: \{#(.+)\})?$/gm)].map(([, text = '', anchor = '']) => ({
      text: text.replaceAll('\\', ''),
      link: `${pathOfEntry(entry)}#${anchor}`,
    })),
  }))
}
