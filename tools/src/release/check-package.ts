import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { repositoryFiles } from '../repository.ts'
import { repositoryAddress } from './address.ts'
import { addonProblems } from './check-addon.ts'
import { linksOf } from './published-links.ts'
import { releaseTag } from './published-manifest.ts'
import { coreName, type Manifest } from './published-packages.ts'

/** npm runs these when a package is installed. Nothing of ours needs one. */
const installScripts = ['preinstall', 'install', 'postinstall', 'prepare']

/**
 * What is wrong with an unpacked tarball. Empty when it may be published.
 *
 * @param versions of everything in the release, by name
 */
export function packageProblems(folder: string, versions: ReadonlyMap<string, string>): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(folder, posix.join(entry.parentPath, entry.name)))
  return [
    ...fieldProblems(manifest),
    ...versionProblems(manifest, versions),
    ...['README.md', 'LICENSE'].filter((name) => !files.includes(name)).map((name) => `it has no ${name}`),
    ...files.flatMap((file) => fileProblems(folder, file, manifest)),
  ].map((problem) => `${manifest.name}: ${problem}`)
}

function fieldProblems(manifest: Manifest): readonly string[] {
  const { scripts, repository, license } = manifest as Manifest & {
    scripts?: object
    repository?: { url?: string; directory?: string }
  }
  const problems = Object.keys(scripts ?? {})
    .filter((name) => installScripts.includes(name))
    .map((name) => `its script ${name} would run when it is installed`)
  if (repository?.url !== `git+${repositoryAddress()}.git`)
    problems.push('its field repository does not name the repository')
  if (repository?.directory === undefined) problems.push('its field repository names no directory')
  if (license === undefined) problems.push('it has no field license')
  if (JSON.stringify(manifest.exports ?? '').includes('@frameport/source'))
    problems.push('its exports name sources')
  return problems
}

/** Pins to addons are exact, and everything of ours that is needed is in the release in a version that fits. */
function versionProblems(manifest: Manifest, versions: ReadonlyMap<string, string>): readonly string[] {
  const { optionalDependencies = {} } = manifest as { optionalDependencies?: Record<string, string> }
  const { dependencies, peerDependencies } = manifest
  const problems = Object.entries({ ...dependencies, ...peerDependencies }).flatMap(([name, range]) => {
    if (!name.startsWith('@frameport/')) return []
    const version = versions.get(name)
    if (version === undefined) return [`it needs ${name}, which is not in the release`]
    return range === `^${version}` ? [] : [`it needs ${name} ${range}, and the release has ${version}`]
  })
  for (const [name, pin] of Object.entries(optionalDependencies)) {
    if (versions.get(name) !== pin)
      problems.push(`it pins ${name} to ${pin}, and the release has ${versions.get(name)}`)
  }
  const addons = [...versions.keys()].filter((name) => name.startsWith(`${coreName}-`))
  const missing = manifest.name === coreName ? addons.filter((name) => !(name in optionalDependencies)) : []
  return [...problems, ...missing.map((name) => `it does not name ${name}`)]
}

function fileProblems(folder: string, file: string, manifest: Manifest): readonly string[] {
  const text = () => readFileSync(join(folder, file), 'utf8')
  if (/\.test\.ts$|^test\/|binding\.gyp$|\.tsbuildinfo$/.test(file))
    return [`${file} is of no use to those who install it`]
  if (file.endsWith('.map')) return mapProblems(folder, file, text())
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

/** On npm's page a link works when it is absolute. Those to the repository lead to what that has. */
function linkProblems(file: string, text: string, manifest: Manifest): readonly string[] {
  const problems: string[] = []
  const own = `${repositoryAddress()}/`
  const known = new Set(repositoryFiles())
  for (const { url } of linksOf(text)) {
    if (url.startsWith('#')) continue
    if (!/^https?:/.test(url)) problems.push(`${file} has the link ${url}, which leads nowhere on npm's page`)
    const [, ref, path] =
      /^(?:blob|raw|tree)\/([^/]+)\/([^#]+)/.exec(url.startsWith(own) ? url.slice(own.length) : '') ?? []
    if (path === undefined) continue
    if (ref !== encodeURIComponent(releaseTag(manifest)))
      problems.push(`${file} links to ${ref}, and not to its own release`)
    const isThere =
      known.has(path) || [...known].some((name) => name.startsWith(`${path.replace(/\/$/, '')}/`))
    if (!isThere) problems.push(`${file} links to ${path}, which the repository does not have`)
  }
  return problems
}
