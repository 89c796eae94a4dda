import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { readRepositoryFile, repositoryRoot } from '../repository.ts'
import { platforms } from './platform-packages.ts'
import { placeFields } from './published-manifest.ts'
import { coreName, isAddon, type Manifest } from './published-packages.ts'

/** npm runs these when a package is installed. None of these packages needs one. */
const installScripts = ['preinstall', 'install', 'postinstall', 'prepare']

interface Fields {
  readonly scripts?: object
  readonly repository?: { readonly url?: string; readonly directory?: string }
  readonly engines?: { readonly node?: string }
  readonly publishConfig?: Readonly<Record<string, unknown>>
}

/** Checks the fields of a package.json that npm's page, an installation and a proof of provenance read. */
export function fieldProblems(manifest: Manifest): readonly string[] {
  const { scripts } = manifest as Fields
  const problems = Object.keys(scripts ?? {})
    .filter((name) => installScripts.includes(name))
    .map((name) => `its script ${name} would run when it is installed`)
  if (JSON.stringify(manifest.exports ?? '').includes('@frameport/source'))
    problems.push('its exports name sources')
  for (const name of ['license', 'description'])
    if (typeof manifest[name] !== 'string') problems.push(`it has no field ${name}`)
  return [
    ...problems,
    ...placeProblems(manifest),
    ...publishingProblems(manifest),
    ...machineProblems(manifest),
  ]
}

/** npm rejects a proof of provenance with another repository, and its page links to the directory. */
function placeProblems(manifest: Manifest): readonly string[] {
  const { repository } = manifest as Fields
  const directory = repository?.directory
  if (directory === undefined) return ['its field repository names no directory']
  const problems = existsSync(join(repositoryRoot, directory, 'package.json'))
    ? []
    : [`its field repository names ${directory}, where no package is`]
  // An addon has the release tag of the core.
  const tagged = isAddon(manifest.name) ? { ...manifest, name: coreName } : manifest
  const expected = placeFields(directory, tagged)
  if (!isDeepStrictEqual(repository, expected.repository))
    problems.push('its field repository does not name the repository')
  if (manifest.homepage !== expected.homepage)
    problems.push('its field homepage does not lead to its own release')
  if (!isDeepStrictEqual(manifest.bugs, expected.bugs))
    problems.push('its field bugs does not lead to the issues of the repository')
  return problems
}

/** The publishing command decides the rest. A registry, a tag or a provenance in the package would override it. */
function publishingProblems(manifest: Manifest): readonly string[] {
  const { access, ...others } = (manifest as Fields).publishConfig ?? {}
  const problems = Object.keys(others).map((name) => `its publishConfig sets ${name}`)
  if (access !== 'public') problems.push('its publishConfig does not make it public')
  return manifest.private === true ? [...problems, 'it is private'] : problems
}

/** Checks where npm installs the package: an addon only on its own system, everything else everywhere. */
function machineProblems(manifest: Manifest): readonly string[] {
  const { engines: expected } = JSON.parse(readRepositoryFile('package.json')) as Fields
  const { engines } = manifest as Fields
  const problems =
    engines?.node === expected?.node
      ? []
      : [`it asks for Node.js ${engines?.node}, and the repository for ${expected?.node}`]
  const machine = platforms.find(({ packageName }) => packageName === manifest.name)?.machine
  for (const name of ['os', 'cpu', 'libc'] as const) {
    const value = machine?.[name]
    if (!isDeepStrictEqual(manifest[name], value === undefined ? undefined : [value]))
      problems.push(`its field ${name} is not that of the systems it is for`)
  }
  return problems
}
