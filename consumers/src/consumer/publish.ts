import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { settingsFor } from './registry.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Packs everything into `folder`, and publishes it to a registry on loopback, with the commands of a release. Returns the
 * version of each package.
 */
export async function publish(folder: string, registry: string): Promise<Readonly<Record<string, string>>> {
  const settings = settingsFor(registry, folder)
  const npm = async (...args: string[]) => {
    await run('npm', ['run', '--silent', ...args], {
      cwd: root,
      env: { ...process.env, npm_config_userconfig: settings },
    })
  }
  await npm('release:pack', '--', '--to', folder, '--target', 'linux-x64-gnu')
  const list = JSON.parse(readFileSync(join(folder, 'release.json'), 'utf8')) as {
    name: string
    version: string
  }[]
  // As the workflow of releases does: a candidate must not become the version that npm installs by default.
  const tag = list.some(({ version }) => version.includes('-')) ? 'next' : 'latest'
  await npm('release:publish', '--', '--from', folder, '--registry', registry, '--tag', tag)
  return Object.fromEntries(list.map(({ name, version }) => [name, version]))
}

/** The dependencies of a user's project: these packages as they were published, and zod. */
export function dependenciesOn(
  names: readonly string[],
  versions: Readonly<Record<string, string>>,
): Record<string, string> {
  const ours = names.map((name) => {
    const version = versions[`@frameport/${name}`]
    if (version === undefined) throw new Error(`@frameport/${name} was not published`)
    return [`@frameport/${name}`, version]
  })
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: { zod: string }
  }
  return { ...Object.fromEntries(ours), zod: devDependencies.zod }
}
