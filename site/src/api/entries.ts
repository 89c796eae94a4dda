import { readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { readPage, repositoryRoot } from '../pages.ts'

/** What one import of a package gives: one page of the API. */
export interface Entry {
  /** As it is imported: `@frameport/client/tcp`. */
  readonly name: string
  /** The source, from the root of the repository. */
  readonly file: string
}

type Target = string | { readonly [condition: string]: Target }

/** The entries of all packages. The one that is imported by the name of the package alone comes before its others. */
export function apiEntries(): Entry[] {
  return readdirSync(join(repositoryRoot, 'packages'))
    .sort()
    .flatMap((folder) => entriesOf(`packages/${folder}`))
}

function entriesOf(folder: string): Entry[] {
  const manifest = JSON.parse(readPage(`${folder}/package.json`)) as {
    readonly name: string
    readonly exports: Readonly<Record<string, Target>>
  }
  return Object.entries(manifest.exports).flatMap(([path, target]) => {
    const source = typeof target === 'string' ? undefined : target['@frameport/source']
    return typeof source === 'string'
      ? [{ name: posix.join(manifest.name, path), file: posix.join(folder, source) }]
      : []
  })
}

/** The page of an entry, from the root of the repository: `site/api/client/tcp.md`. */
export function apiPage({ name }: Entry): string {
  return `site/api/${name.replace(/^@frameport\//, '')}.md`
}
