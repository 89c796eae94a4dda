import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildAddonFor, type Platform, platforms, writePlatformPackage } from './platform-packages.ts'
import { coreName, publishedPackages } from './published-packages.ts'
import { stagePackage } from './stage-package.ts'

/** A tarball, and the package it was made from. */
export interface Tarball {
  readonly name: string
  readonly version: string
  /** The file's name in the folder of the release. */
  readonly file: string
}

/** The list of the tarballs in the folder of a release, in the order in which they are published. */
export const listName = 'release.json'

/**
 * Packs every published package, which must be built, and the packages with addons, which are built here. The order is
 * that of publishing, because nobody can install the core before its addons are published.
 *
 * @param folder the folder of the tarballs and their list; created if it does not exist
 * @param targets the systems for which addons are packed; the core names these and no others
 * @throws Error if a compiler or npm fails
 */
export function packAll(folder: string, targets: readonly string[]): readonly Tarball[] {
  const chosen = platforms.filter(({ target }) => targets.includes(target))
  const packages = publishedPackages()
  const core = packages.find(({ manifest }) => manifest.name === coreName)
  if (core === undefined) throw new Error(`${coreName} is not among the published packages`)
  mkdirSync(folder, { recursive: true })
  const staging = mkdtempSync(join(tmpdir(), 'frameport-release-'))
  try {
    const folders = chosen.map((platform) => {
      const stage = join(staging, platform.target)
      writePlatformPackage(platform, buildAddonFor(platform), core.manifest, stage)
      return stage
    })
    for (const item of packages) {
      const stage = join(staging, item.folder)
      stagePackage(item, item === core ? pinsOf(chosen, core.manifest.version) : {}, stage)
      folders.push(stage)
    }
    const tarballs = folders.map((stage) => pack(stage, folder))
    writeFileSync(join(folder, listName), `${JSON.stringify(tarballs, undefined, 2)}\n`)
    return tarballs
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

function pinsOf(chosen: readonly Platform[], version: string): Record<string, string> {
  return Object.fromEntries(chosen.map(({ packageName }) => [packageName, version]))
}

function pack(stage: string, folder: string): Tarball {
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts'], {
    cwd: stage,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [packed] = Object.values(JSON.parse(output)) as [{ name: string; version: string; filename: string }]
  const file = packed.filename.replace('@', '').replace('/', '-')
  renameSync(join(stage, file), join(folder, file))
  return { name: packed.name, version: packed.version, file }
}
