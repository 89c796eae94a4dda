import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { repositoryRoot } from '../repository.ts'
import { repositoryAddress } from './address.ts'
import { withRepositoryLinks } from './published-links.ts'
import { publishedManifest, releaseTag } from './published-manifest.ts'
import type { PublishedPackage } from './published-packages.ts'

/**
 * Writes the published form of a package into `folder`. The repository is not changed: pins to versions that are not
 * published yet would break `npm ci` there.
 */
export function stagePackage(
  { folder: source, manifest }: PublishedPackage,
  optionalDependencies: Readonly<Record<string, string>>,
  folder: string,
): void {
  const published = publishedManifest(source, manifest, optionalDependencies)
  for (const path of filesOf(source)) {
    const to = join(folder, path)
    mkdirSync(dirname(to), { recursive: true })
    cpSync(join(repositoryRoot, source, path), to)
    if (path.endsWith('.md')) change(to, (text) => linked(asPublished(text), `${source}/${path}`))
    if (path.endsWith('.map')) change(to, withoutSources)
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`)

  function linked(text: string, file: string): string {
    return withRepositoryLinks(text, file, repositoryAddress(), releaseTag(manifest))
  }
}

/** Removes the remarks of the README about the time before the first release, which are wrong on npm's page. */
function asPublished(text: string): string {
  return text.replace(/^Not on npm yet: .*\n\n/m, '')
}

function change(file: string, how: (text: string) => string): void {
  writeFileSync(file, how(readFileSync(file, 'utf8')))
}

/** Removes the sources from a source map, because the package contains them as files. */
function withoutSources(text: string): string {
  const { sourcesContent: _, ...map } = JSON.parse(text) as Record<string, unknown>
  return JSON.stringify(map)
}

/** The files that npm would pack. */
function filesOf(source: string): readonly string[] {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: join(repositoryRoot, source),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  // npm 11 prints an object with the package's name, earlier versions print a list.
  const [packed] = Object.values(JSON.parse(output)) as [{ files: readonly { path: string }[] }]
  return packed.files.map(({ path }) => path)
}
