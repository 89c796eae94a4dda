import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageProblems } from './check-package.ts'
import { listName, type Tarball } from './pack-all.ts'
import type { Manifest } from './published-packages.ts'

/** The list of a folder that `packAll` filled. */
export function readRelease(folder: string): readonly Tarball[] {
  return JSON.parse(readFileSync(join(folder, listName), 'utf8')) as readonly Tarball[]
}

/** The errors in the tarballs of a release. Empty if they may be published. */
export function releaseProblems(folder: string): readonly string[] {
  const tarballs = readRelease(folder)
  const versions = new Map(tarballs.map(({ name, version }) => [name, version]))
  return tarballs.flatMap((tarball) => tarballProblems(folder, tarball, versions))
}

function tarballProblems(
  folder: string,
  { file, name, version }: Tarball,
  versions: ReadonlyMap<string, string>,
): readonly string[] {
  if (!existsSync(join(folder, file))) return [`${name}: ${listName} names ${file}, which is not there`]
  const unpacked = mkdtempSync(join(tmpdir(), 'frameport-tarball-'))
  try {
    execFileSync('tar', ['-xzf', join(folder, file), '-C', unpacked])
    const packed = join(unpacked, 'package')
    const manifest = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8')) as Manifest
    const problems = packageProblems(packed, versions)
    return manifest.name === name && manifest.version === version
      ? problems
      : [
          ...problems,
          `${file} holds ${manifest.name} ${manifest.version}, and ${listName} says ${name} ${version}`,
        ]
  } finally {
    rmSync(unpacked, { recursive: true, force: true })
  }
}
