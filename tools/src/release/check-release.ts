import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageProblems } from './check-package.ts'
import { listName, type Tarball } from './pack-all.ts'

/** The list of a folder that `packAll` filled. */
export function readRelease(folder: string): readonly Tarball[] {
  return JSON.parse(readFileSync(join(folder, listName), 'utf8')) as readonly Tarball[]
}

/** What is wrong with the tarballs of a release. Empty when they may be published. */
export function releaseProblems(folder: string): readonly string[] {
  const tarballs = readRelease(folder)
  const versions = new Map(tarballs.map(({ name, version }) => [name, version]))
  return tarballs.flatMap(({ file }) => {
    const unpacked = mkdtempSync(join(tmpdir(), 'frameport-tarball-'))
    try {
      execFileSync('tar', ['-xzf', join(folder, file), '-C', unpacked])
      return packageProblems(join(unpacked, 'package'), versions)
    } finally {
      rmSync(unpacked, { recursive: true, force: true })
    }
  })
}
