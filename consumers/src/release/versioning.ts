import assert from 'node:assert/strict'
import { type Checkout, type Manifest, preState } from './checkout.ts'
import { allows, type Changeset, expectedVersions, readChangeset } from './expected-versions.ts'

/** The versions of all published packages, by name. */
export type Versions = ReadonlyMap<string, string>

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>
}

/**
 * Makes the versions of a release as described in RELEASING.md, commits them, and checks all changes.
 *
 * @throws AssertionError if they differ from the rule
 */
export async function makeVersions(checkout: Checkout): Promise<Versions> {
  const changesets = pendingChangesets(checkout)
  const commits = await commitsOf(checkout, changesets)
  const expected = expectedVersions(publishedOf(checkout), changesets)
  const before = new Map(publishedOf(checkout).map(({ name, version = '' }) => [name, version]))
  const lockBefore = lockOf(checkout)

  await checkout.npm('run', '--silent', 'release:version')

  assert.deepEqual(pendingChangesets(checkout), [], 'changesets are left')
  const versions = new Map(publishedOf(checkout).map(({ name, version = '' }) => [name, version]))
  assert.deepEqual([...versions].sort(), [...expected].sort())
  checkRanges(checkout, versions, before)
  checkLock(checkout, lockBefore)
  for (const [folder, manifest] of checkout.manifests())
    if (manifest.private !== true && versions.get(manifest.name) !== before.get(manifest.name))
      checkChangelog(checkout, folder, manifest, changesets, commits)
  await checkout.npm('ci', '--dry-run', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund')
  await checkout.commit('Release')
  return versions
}

/** The commits that added them. */
async function commitsOf(
  checkout: Checkout,
  changesets: readonly Changeset[],
): Promise<ReadonlyMap<string, string>> {
  const found = changesets.map(async ({ file }) => {
    const log = await checkout.git('log', '--diff-filter=A', '--max-count=1', '--pretty=%H', '--', file)
    return [file, log.stdout.trim()] as const
  })
  return new Map(await Promise.all(found))
}

/** After candidates, versions are counted from the version before the first candidate. */
function publishedOf(checkout: Checkout): readonly Manifest[] {
  const { initialVersions = {} } = (checkout.has(preState) ? JSON.parse(checkout.read(preState)) : {}) as {
    initialVersions?: Readonly<Record<string, string>>
  }
  return [...checkout.manifests().values()]
    .filter((manifest) => manifest.private !== true)
    .map((manifest) => ({ ...manifest, version: initialVersions[manifest.name] ?? manifest.version ?? '' }))
}

export function pendingChangesets(checkout: Checkout): readonly Changeset[] {
  return checkout
    .list('.changeset')
    .filter((name) => name.endsWith('.md'))
    .map((name) => readChangeset(`.changeset/${name}`, checkout.read(`.changeset/${name}`)))
}

/** Ranges allow the present versions, in every workspace; if a package has a new version, they name the tested one. */
function checkRanges(checkout: Checkout, versions: Versions, before: Versions): void {
  for (const manifest of checkout.manifests().values()) {
    const { name, dependencies, devDependencies, peerDependencies } = manifest
    for (const [needed, range] of Object.entries({
      ...dependencies,
      ...devDependencies,
      ...peerDependencies,
    })) {
      const version = versions.get(needed)
      if (version === undefined) continue
      assert.ok(allows(range, version), `${name} needs ${needed} ${range}, which is ${version}`)
    }
    if (versions.get(name) === before.get(name)) continue
    for (const [needed, range] of Object.entries(dependencies ?? {}))
      if (versions.get(needed) !== before.get(needed))
        assert.equal(range, `^${versions.get(needed)}`, `${name} needs ${needed}`)
  }
}

function lockOf(checkout: Checkout): Lock {
  return JSON.parse(checkout.read('package-lock.json')) as Lock
}

/** The lock has our new versions, and unchanged versions of all others. */
function checkLock(checkout: Checkout, before: Lock): void {
  const after = lockOf(checkout)
  const others = ({ packages }: Lock) =>
    Object.entries(packages).filter(
      ([path]) => path.startsWith('node_modules/') || path.includes('/node_modules/'),
    )
  assert.deepEqual(others(after), others(before), 'release:version changed packages of others in the lock')
  for (const [folder, { version }] of checkout.manifests())
    assert.equal(
      after.packages[folder]?.version,
      version,
      `package-lock.json has another version of ${folder}`,
    )
}

/** The new part of a changelog has a line for each changeset, with a link to its commit. */
function checkChangelog(
  checkout: Checkout,
  folder: string,
  { name, version }: Manifest,
  changesets: readonly Changeset[],
  commits: ReadonlyMap<string, string>,
): void {
  const [title, part = ''] = checkout.read(`${folder}/CHANGELOG.md`).split(/^## /m)
  assert.equal(title, `# ${name}\n\n`)
  assert.equal(part.split('\n')[0], version)
  const { repository } = JSON.parse(checkout.read('package.json')) as { repository: { url: string } }
  const address = /^git\+(https:\/\/.+)\.git$/.exec(repository.url)?.[1]
  const own = changesets.filter(({ bumps }) => bumps.has(name))
  const expected = own.map(({ file }) => {
    const commit = commits.get(file) ?? ''
    assert.match(commit, /^[0-9a-f]{40}$/, `${file} has no commit`)
    return `([${commit.slice(0, 7)}](${address}/commit/${commit}))`
  })
  const links = part.match(/\(\[[0-9a-f]{7}\]\(\S+?\)\)/g) ?? []
  assert.deepEqual([...links].sort(), expected.sort(), `the links of ${folder}/CHANGELOG.md`)
  assert.doesNotMatch(part, /\]\(\.{1,2}\//, `a link of ${folder}/CHANGELOG.md is relative`)
}
