import { repositoryAddress } from './address.ts'
import type { Manifest } from './published-packages.ts'

/** The tag of a package's release (`changeset tag`): links in the published files point to that state. */
export function releaseTag({ name, version }: Manifest): string {
  return `${name}@${version}`
}

/** The fields by which npm's page and a proof of provenance find the sources. */
export function placeFields(folder: string, manifest: Manifest) {
  const address = repositoryAddress()
  return {
    repository: { type: 'git', url: `git+${address}.git`, directory: folder },
    homepage: `${address}/tree/${encodeURIComponent(releaseTag(manifest))}/${folder}#readme`,
    bugs: `${address}/issues`,
  }
}

/**
 * The package.json of a published package: without the parts that work only in a clone, and with the packages with
 * addons pinned to the same version.
 */
export function publishedManifest(
  folder: string,
  manifest: Manifest,
  optionalDependencies: Readonly<Record<string, string>> = {},
): Manifest {
  const { scripts: _, devDependencies: __, ...kept } = manifest
  return {
    ...kept,
    ...(manifest.exports === undefined ? {} : { exports: withoutSources(manifest.exports) }),
    ...(Object.keys(optionalDependencies).length === 0 ? {} : { optionalDependencies }),
    ...placeFields(folder, manifest),
  }
}

/** The condition by which programs in a clone run the sources without a build. */
const sourceCondition = '@frameport/source'

function withoutSources(exports: unknown): unknown {
  if (typeof exports !== 'object' || exports === null || Array.isArray(exports)) return exports
  const kept = Object.entries(exports).filter(([condition]) => condition !== sourceCondition)
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutSources(value)]))
}
