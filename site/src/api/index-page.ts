import { posix } from 'node:path'
import { readPage } from '../pages.ts'
import { apiPage, type Entry } from './entries.ts'

/** The page that lists the entries of all packages, with what each package is. */
export function apiIndex(entries: readonly Entry[]): string {
  const folders = [...new Set(entries.map(({ file }) => file.split('/').slice(0, 2).join('/')))]
  return [
    '# API',
    '',
    'One page for each import that the packages offer, written from the comments in their sources.',
    '',
    ...folders.flatMap((folder) => {
      const { name, description } = JSON.parse(readPage(`${folder}/package.json`)) as Record<string, string>
      const links = entries
        .filter(({ file }) => file.startsWith(`${folder}/`))
        .map((entry) => `- [\`${entry.name}\`](${posix.relative('site/api', apiPage(entry))})`)
      return [`## ${name}`, '', `${description}.`, '', ...links, '']
    }),
  ].join('\n')
}
