import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where files of packages are kept: the variable names a folder that outlives the clone. */
const cache =
  process.env.FRAMEPORT_RUNTIMES_CACHE ?? fileURLToPath(new URL('../build/runtimes/', import.meta.url))

/**
 * Brings files of a package of npm, where they are not there yet. npm checks its tarball. Returns the folder that holds them.
 *
 * @param spec the name with the version
 * @param files as they stand in the tarball
 * @param unpack what is done with them in the folder, once
 * @throws Error when the registry does not have it, or cannot be asked
 */
export function npmFiles(
  spec: string,
  files: readonly string[],
  unpack: (folder: string) => void = () => {},
): string {
  const folder = join(cache, spec.replace(/^@/, '').replaceAll(/[/@]/g, '-'))
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  const fresh = mkdtempSync(join(cache, 'fresh-'))
  try {
    const [packed] = Object.values(
      JSON.parse(
        execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--loglevel=error', spec], {
          cwd: fresh,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'inherit'],
        }),
      ),
    ) as [{ filename: string }]
    execFileSync('tar', ['-xzf', packed.filename, ...files], { cwd: fresh })
    rmSync(join(fresh, packed.filename))
    unpack(fresh)
    renameSync(fresh, folder)
  } catch (error) {
    // Another run may have brought it meanwhile.
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return folder
}

/** Node.js as packages of npm hold it, and nothing else. Returns its program. */
export function npmNode(system: string, version: string): string {
  const folder = npmFiles(`node-${system}@${version}`, ['package/bin/node', 'package/package.json'])
  return join(folder, 'package/bin/node')
}
