import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readRepositoryFile } from '../repository.ts'
import { addonProblems } from './check-addon.ts'
import { linkProblems } from './check-links.ts'
import type { Manifest } from './published-packages.ts'

/** Files that are needed to work on a package, but not to use it. */
const useless =
  /(?:^|\/)(?:tests?|__snapshots__|node_modules|tsconfig[^/]*\.json|binding\.gyp|\.[^/]+)(?:\/|$)|\.(?:test|spec)\.\w+$|\.(?:tsbuildinfo|log)$/

/** The first version of a package creates this file. */
const changelog = 'CHANGELOG.md'

/** The files that a package.json promises, or that are always expected, but that are missing from the tarball. */
export function missingFiles(manifest: Manifest, files: readonly string[]): readonly string[] {
  const entries = [...new Set(entryFiles(manifest))].map((path) => path.replace(/^\.\//, ''))
  const parts = (manifest.files ?? []).filter(
    (part) => part !== changelog && !files.some((file) => file === part || file.startsWith(`${part}/`)),
  )
  return [
    ...['README.md', 'LICENSE'].filter((name) => !files.includes(name)).map((name) => `it has no ${name}`),
    ...entries
      .filter((path) => !files.includes(path))
      .map((path) => `its package.json names ${path}, which is not in the package`),
    ...parts.map((part) => `its field files names ${part}, of which nothing is in the package`),
  ]
}

/** The files that a program, a compiler or a shell gets from the package. */
function entryFiles({ main, types, bin, exports }: Manifest): string[] {
  return [main, types, bin, exports].flatMap(textsIn)
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

export function fileProblems(folder: string, file: string, manifest: Manifest): readonly string[] {
  const text = () => readFileSync(join(folder, file), 'utf8')
  if (useless.test(file)) return [`${file} is of no use to those who install it`]
  if (file === 'LICENSE' && text() !== readRepositoryFile('LICENSE'))
    return ['its LICENSE is not that of the repository']
  if (
    textsIn(manifest.bin).some((path) => join(path) === file) &&
    !text().startsWith('#!/usr/bin/env node\n')
  )
    return [`${file} does not say that node runs it`]
  if (file.endsWith('.map')) return mapProblems(folder, file, text())
  if (file === 'README.md' && /not on npm yet/i.test(text()))
    return ['README.md says that the package is not on npm']
  if (file.endsWith('.md')) return linkProblems(file, text(), manifest)
  if (file.endsWith('.node') && !manifest.name.includes('win32')) return addonProblems(join(folder, file))
  return []
}

function mapProblems(folder: string, file: string, text: string): readonly string[] {
  const { sources, sourcesContent } = JSON.parse(text) as { sources: string[]; sourcesContent?: unknown }
  const problems = sources
    .filter((source) => !existsSync(join(folder, dirname(file), source)))
    .map((source) => `${file} names ${source}, which is not in the package`)
  return sourcesContent === undefined ? problems : [...problems, `${file} holds the sources once more`]
}
