import { coreName, isAddon, type Manifest } from './published-packages.ts'

/**
 * Addons must have exactly the version of the core. Every required package of this repository must be in the release in
 * a matching version.
 */
export function versionProblems(
  manifest: Manifest,
  versions: ReadonlyMap<string, string>,
): readonly string[] {
  const { optionalDependencies = {} } = manifest as { optionalDependencies?: Record<string, string> }
  const { dependencies, peerDependencies } = manifest
  const problems = Object.entries({ ...dependencies, ...peerDependencies }).flatMap(([name, range]) =>
    name.startsWith('@frameport/') ? ownRangeProblems(name, range, versions) : rangeProblems(name, range),
  )
  for (const [name, pin] of Object.entries(optionalDependencies)) {
    if (pin !== manifest.version || pin !== versions.get(name))
      problems.push(
        `it pins ${name} to ${pin}, has the version ${manifest.version}, and the release has ${versions.get(name)}`,
      )
  }
  if (isAddon(manifest.name) && manifest.version !== versions.get(coreName))
    problems.push(`it has the version ${manifest.version}, and ${coreName} ${versions.get(coreName)}`)
  const missing =
    manifest.name === coreName
      ? [...versions.keys()].filter((name) => isAddon(name) && !(name in optionalDependencies))
      : []
  return [...problems, ...missing.map((name) => `it does not name ${name}`)]
}

function ownRangeProblems(
  name: string,
  range: string,
  versions: ReadonlyMap<string, string>,
): readonly string[] {
  const version = versions.get(name)
  if (version === undefined) return [`it needs ${name}, which is not in the release`]
  return allows(range, version) ? [] : [`it needs ${name} ${range}, and the release has ${version}`]
}

/** npm cannot install a folder, a workspace or a repository. */
function rangeProblems(name: string, range: string): readonly string[] {
  return /[:/]/.test(range) ? [`it needs ${name} ${range}, which no registry has`] : []
}

/**
 * Whether a range such as `^1.2.3` allows a version. A package that did not change keeps its range while the packages
 * that it needs get patches and features, or further candidates of the version with which the range begins.
 */
function allows(range: string, version: string): boolean {
  if (range === `^${version}`) return true
  const lowest = partsOf(range.replace(/^\^/, ''))
  const given = partsOf(version)
  if (!range.startsWith('^') || lowest === undefined || given === undefined) return false
  const differing = lowest.numbers.findIndex((part, index) => part !== given.numbers[index])
  if (differing === -1) return isLater(given.candidate, lowest.candidate)
  if (given.candidate !== undefined) return false
  const mayDiffer = lowest.numbers.slice(0, differing).some((part) => part > 0)
  return mayDiffer && (given.numbers[differing] ?? 0) > (lowest.numbers[differing] ?? 0)
}

interface Candidate {
  readonly tag: string
  readonly number: number
}

/** Parses `1.2.3`, or its candidate `1.2.3-rc.4`. */
function partsOf(version: string): { numbers: readonly number[]; candidate?: Candidate } | undefined {
  const [, numbers, tag, number] = /^(\d+\.\d+\.\d+)(?:-([a-z]+)\.(\d+))?$/.exec(version) ?? []
  if (numbers === undefined) return undefined
  const parts = { numbers: numbers.split('.').map(Number) }
  return tag === undefined ? parts : { ...parts, candidate: { tag, number: Number(number) } }
}

/** Whether a candidate of the same version is later. The version itself is later than all of its candidates. */
function isLater(given: Candidate | undefined, lowest: Candidate | undefined): boolean {
  if (lowest === undefined) return false
  return given === undefined || (given.tag === lowest.tag && given.number > lowest.number)
}
