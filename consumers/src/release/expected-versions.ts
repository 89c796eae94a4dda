import type { Manifest } from './checkout.ts'

type Bump = 'patch' | 'minor' | 'major'

/** Packages, and the bump that a changeset requests for each of them. */
export interface Changeset {
  readonly file: string
  readonly bumps: ReadonlyMap<string, Bump>
}

const order: readonly Bump[] = ['patch', 'minor', 'major']

export function readChangeset(file: string, text: string): Changeset {
  const [, head = ''] = /^---\n(.*?)\n---\n/s.exec(text) ?? []
  const rows = [...head.matchAll(/^['"](.+)['"]: (patch|minor|major)$/gm)]
  return { file, bumps: new Map(rows.map(([, name = '', bump]) => [name, bump as Bump])) }
}

/**
 * The versions by the rule: the highest bump that a changeset requests, and a patch for each package that needs another one in a
 * range that the new version leaves. A package with such a package as a peer leaves its own range, too.
 */
export function expectedVersions(
  published: readonly Manifest[],
  changesets: readonly Changeset[],
): ReadonlyMap<string, string> {
  const bumps = new Map<string, Bump>()
  const raise = (name: string, bump: Bump) => {
    const before = bumps.get(name)
    if (before !== undefined && order.indexOf(before) >= order.indexOf(bump)) return false
    bumps.set(name, bump)
    return true
  }
  for (const changeset of changesets) for (const [name, bump] of changeset.bumps) raise(name, bump)
  const versions = () =>
    new Map(published.map(({ name, version = '' }) => [name, bumped(version, bumps.get(name))]))
  let isSettled = false
  while (!isSettled) {
    const now = versions()
    const follow = (name: string, ranges: Manifest['dependencies'], bump: Bump) =>
      Object.entries(ranges ?? {}).some(([needed, range]) => {
        const version = now.get(needed)
        return version !== undefined && !allows(range, version) && raise(name, bump)
      })
    isSettled = !published.some(
      ({ name, dependencies, peerDependencies }) =>
        follow(name, dependencies, 'patch') || follow(name, peerDependencies, 'major'),
    )
  }
  return versions()
}

function bumped(version: string, bump: Bump | undefined): string {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  if (bump === 'major') return `${major + 1}.0.0`
  if (bump === 'minor') return `${major}.${minor + 1}.0`
  return bump === 'patch' ? `${major}.${minor}.${patch + 1}` : version
}

/**
 * `^1.2.3` allows versions with the same first number that are not lower; `^0.0.0` allows only itself. A range that begins
 * with a candidate, `^1.2.3-rc.0`, allows the same whole versions.
 */
export function allows(range: string, version: string): boolean {
  const [lowest = 0, ...behind] = range.replace('^', '').replace(/-.+$/, '').split('.').map(Number)
  const [first = 0, ...others] = version.split('.').map(Number)
  if (lowest === 0) return range === `^${version}`
  const [minor = 0, patch = 0] = behind
  const [givenMinor = 0, givenPatch = 0] = others
  return first === lowest && (givenMinor > minor || (givenMinor === minor && givenPatch >= patch))
}
