import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { importCircles, importGraph } from '../import-circles.ts'
import { fieldProblems } from './check-fields.ts'
import { fileProblems, missingFiles } from './check-files.ts'
import { importProblems } from './check-imports.ts'
import { versionProblems } from './check-versions.ts'
import { coreName, type Manifest } from './published-packages.ts'

/**
 * The errors in an unpacked tarball. Empty if it may be published.
 *
 * @param versions of everything in the release, by name
 */
export function packageProblems(folder: string, versions: ReadonlyMap<string, string>): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(folder, posix.join(entry.parentPath, entry.name)))
  return [
    ...fieldProblems(manifest),
    ...versionProblems(manifest, versions),
    ...missingFiles(manifest, files),
    ...files.flatMap((file) => fileProblems(folder, file, manifest)),
    ...importProblems(folder, files, manifest),
    ...circleProblems(folder, files),
    ...buildProblems(folder, files, manifest),
  ].map((problem) => `${manifest.name}: ${problem}`)
}

/**
 * Built files that import each other. Which of them runs first, while the other is still empty, depends on the
 * importer.
 */
function circleProblems(folder: string, files: readonly string[]): readonly string[] {
  const built = files.filter((file) => /^dist\/.*\.js$/.test(file))
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  return importCircles(importGraph(built, read)).map(
    (circle) => `its build has a circle of imports: ${circle}`,
  )
}

/**
 * The core compares the version of its build with that of its addon, so a build from before a version change is
 * useless.
 */
function buildProblems(
  folder: string,
  files: readonly string[],
  { name, version }: Manifest,
): readonly string[] {
  if (name !== coreName) return []
  const holdsVersion = files
    .filter((file) => file.endsWith('.js'))
    .some((file) => readFileSync(join(folder, file), 'utf8').includes(`"${version}"`))
  return holdsVersion ? [] : [`its build does not hold the version ${version}: it was made before`]
}
