import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { readRelease } from './check-release.ts'

export interface PublishOptions {
  readonly registry?: string | undefined
  readonly tag: string
  readonly provenance: boolean
  readonly dryRun: boolean
}

/**
 * Publishes the tarballs of a release that are not in the registry yet.
 *
 * @param say called with a sentence for each tarball
 * @throws Error if npm fails. The tarballs published until then stay, and the next attempt continues after them
 */
export function publishAll(folder: string, options: PublishOptions, say: (sentence: string) => void): void {
  const tarballs = readRelease(folder)
  const early = tarballs.find(({ version }) => version.includes('-'))
  // npm installs the latest version for users who request none.
  if (early !== undefined && options.tag === 'latest')
    throw new Error(`${early.name} ${early.version} comes before a release: publish it with --tag next`)
  const where = options.registry === undefined ? [] : ['--registry', options.registry]
  for (const { name, version, file } of tarballs) {
    if (isPublished(`${name}@${version}`, where)) {
      say(`${name} ${version} is published already.`)
      continue
    }
    const how = [
      ...where,
      '--access=public',
      '--ignore-scripts',
      // Errors are shown, even if a command around this one is silent.
      '--loglevel=error',
      `--tag=${options.tag}`,
      ...(options.provenance ? ['--provenance'] : []),
      ...(options.dryRun ? ['--dry-run'] : []),
    ]
    execFileSync('npm', ['publish', join(folder, file), ...how], { stdio: ['ignore', 'ignore', 'inherit'] })
    say(`${name} ${version} ${options.dryRun ? 'would be published' : 'is published'}.`)
  }
}

/**
 * Whether the registry has this version.
 *
 * @throws Error if the registry cannot be queried
 */
function isPublished(specifier: string, where: readonly string[]): boolean {
  try {
    const output = execFileSync('npm', ['view', specifier, 'version', '--json', ...where], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // A package without this version: npm prints nothing.
    return output.trim() !== ''
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string }
    if (stdout.includes('"E404"')) return false
    throw new Error(`npm view ${specifier} failed: the registry cannot be asked`, { cause: error })
  }
}
