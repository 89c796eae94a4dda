import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { isAddon, type Manifest } from './published-packages.ts'

/** Imports that the package neither contains nor declares. In a clone they work, because everything is there. */
export function importProblems(
  folder: string,
  files: readonly string[],
  manifest: Manifest,
): readonly string[] {
  const { optionalDependencies } = manifest as { optionalDependencies?: object }
  const named = { ...manifest.dependencies, ...manifest.peerDependencies, ...optionalDependencies }
  const known = new Set([manifest.name, ...Object.keys(named)])
  const there = new Set(files)
  const isThere = (path: string) =>
    there.has(path) || (path.endsWith('.js') && there.has(path.replace(/js$/, 'd.ts')))
  return (
    files
      // A command in bin/ has a separate path for a clone, which has no build.
      .filter((file) => /^(?:dist|src)\/.*\.(?:m?js|ts)$/.test(file))
      .flatMap((file) => {
        const { importedFiles } = ts.preProcessFile(readFileSync(join(folder, file), 'utf8'), true, true)
        return importedFiles.flatMap(({ fileName: name }) => {
          if (name.startsWith('.')) {
            const path = posix.join(posix.dirname(file), name)
            return isThere(path) ? [] : [`${file} imports ${name}, which is not in the package`]
          }
          return isBeyond(packageOf(name), known) ? [`${file} imports ${name}, which it does not name`] : []
        })
      })
  )
}

/** Addons are allowed: the core looks for the package of its system, and works without it. */
function isBeyond(name: string, known: ReadonlySet<string>): boolean {
  return !name.startsWith('node:') && !isAddon(name) && !known.has(name)
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}
