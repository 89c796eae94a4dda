import { readRepositoryFile } from '../repository.ts'
import { publishedPackages } from './published-packages.ts'

/** The manifest of the starter project. It is not a workspace, so `changeset version` does not change it. */
export const starterManifest = 'examples/starter/package.json'

type Ranges = Readonly<Record<string, string>>

/**
 * The dependencies of a new project: the packages of this repository in their current versions, and others as in the
 * root.
 */
export function rangesOfToday(): Ranges {
  const { devDependencies } = JSON.parse(readRepositoryFile('package.json')) as { devDependencies: Ranges }
  const ours = publishedPackages().map(({ manifest }) => [manifest.name, `^${manifest.version}`])
  return { ...devDependencies, ...Object.fromEntries(ours) }
}

/**
 * Returns a package.json in which each dependency has the given range, and everything else is unchanged.
 *
 * @throws Error for a dependency without a given range
 */
export function withRanges(manifest: string, ranges: Ranges): string {
  const before = JSON.parse(manifest) as { dependencies: Ranges; devDependencies: Ranges }
  const { dependencies, devDependencies } = before
  const after = {
    ...before,
    dependencies: inStep(dependencies, ranges),
    devDependencies: inStep(devDependencies, ranges),
  }
  return `${JSON.stringify(after, undefined, 2)}\n`
}

function inStep(dependencies: Ranges, ranges: Ranges): Ranges {
  const pairs = Object.keys(dependencies).map((name) => {
    const range = ranges[name]
    if (range === undefined) throw new Error(`nothing here says which version of ${name} a new project takes`)
    return [name, range]
  })
  return Object.fromEntries(pairs)
}
