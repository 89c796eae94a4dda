import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository, which is also the folder that VitePress reads pages from. */
export const repositoryRoot: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Where `npm run site` writes the pages of the API, from the root. */
export const apiFolder = 'site/api'

/** Pages that are not in one of the folders below: their files, and their places in the site. */
const single: Readonly<Record<string, string>> = {
  'site/index.md': 'index.md',
  'README.md': 'overview.md',
  'ARCHITECTURE.md': 'project/architecture.md',
  'CONTRIBUTING.md': 'project/contributing.md',
  'STYLE.md': 'project/style.md',
  'RELEASING.md': 'project/releasing.md',
  'SECURITY.md': 'project/security.md',
  'CODE_OF_CONDUCT.md': 'project/code-of-conduct.md',
  'apps/demo/README.md': 'project/demo.md',
  'benchmarks/README.md': 'project/benchmarks.md',
  'interop/python/README.md': 'project/python.md',
}

/** Folders whose pages keep their names. `README.md` becomes the index of its folder. */
const folders: readonly (readonly [pattern: RegExp, to: string])[] = [
  [/^docs\/guides\/(.+\.md)$/, 'guides/'],
  [/^docs\/adr\/(.+\.md)$/, 'decisions/'],
  [/^docs\/(.+\.md)$/, 'reference/'],
  [/^examples\/(.+\.md)$/, 'examples/'],
  [/^packages\/([^/]+)\/README\.md$/, 'packages/'],
  [/^site\/api\/(.+\.md)$/, 'api/'],
]

/** For VitePress, which takes every Markdown file that no pattern names. */
export const excluded: readonly string[] = [
  '**/CHANGELOG.md',
  '{build,consumers,mutation,tests,tools}/**',
  'packages/*/*/**',
]

/** Where a file of the repository is in the site, as `guides/streams.md`. Undefined when it is not a page. */
export function placeOf(file: string): string | undefined {
  if (single[file] !== undefined) return single[file]
  for (const [pattern, to] of folders) {
    const name = pattern.exec(file)?.[1]
    if (name === undefined) continue
    return to + (name.endsWith('.md') ? name.replace(/(^|\/)README\.md$/, '$1index.md') : `${name}.md`)
  }
  return undefined
}

/** The path by which other pages link to a file: `/guides/streams`, or `/guides/` for an index. */
export function pathOf(file: string): string | undefined {
  return placeOf(file)
    ?.replace(/(^|\/)index\.md$/, '$1')
    .replace(/\.md$/, '')
    .replace(/^/, '/')
}

export function readPage(file: string): string {
  return readFileSync(join(repositoryRoot, file), 'utf8')
}

/** The text of the first heading. */
export function titleOf(file: string): string {
  const title = /^# (.+)$/m.exec(readPage(file))?.[1]
  if (title === undefined) throw new Error(`${file} has no heading of the first level, which is its title.`)
  return title.replaceAll('`', '')
}
