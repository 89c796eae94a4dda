import { readdirSync } from 'node:fs'
import { readRepositoryFile } from '../repository.ts'

/** The fields of a package.json that are used here; all others are passed on unchanged. */
export interface Manifest extends Record<string, unknown> {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly files?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

export interface PublishedPackage {
  /** From the root of the repository: `packages/client`. */
  readonly folder: string
  readonly manifest: Manifest
}

export const coreName = '@frameport/iocp-core'

/** Whether a package contains the core's addon for a system. */
export function isAddon(name: string): boolean {
  return name.startsWith(`${coreName}-`)
}

/** Every package that is published from this repository, each after the ones it needs. */
export function publishedPackages(): readonly PublishedPackage[] {
  const found = readdirSync(new URL('../../../packages', import.meta.url)).map((name) => {
    const folder = `packages/${name}`
    return { folder, manifest: JSON.parse(readRepositoryFile(`${folder}/package.json`)) as Manifest }
  })
  return inOrder(found.filter(({ manifest }) => manifest.private !== true))
}

/** @throws Error if packages need each other in a circle */
function inOrder(packages: readonly PublishedPackage[]): readonly PublishedPackage[] {
  const ordered: PublishedPackage[] = []
  let rest = packages
  while (rest.length > 0) {
    const waiting = new Set(rest.map(({ manifest }) => manifest.name))
    const ready = rest.filter(({ manifest }) => !neededBy(manifest).some((name) => waiting.has(name)))
    if (ready.length === 0) throw new Error(`packages need each other: ${[...waiting].join(', ')}`)
    ordered.push(...ready)
    rest = rest.filter((item) => !ready.includes(item))
  }
  return ordered
}

function neededBy({ dependencies, peerDependencies }: Manifest): string[] {
  return Object.keys({ ...dependencies, ...peerDependencies })
}
