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
 * dependencies of a user's project.
 */
export async function publish(folder: string, registry: string): Promise<Record<string, string>> {
  const settings = settingsFor(registry, folder)
  const npm = async (...args: string[]) => {
    await run('npm', ['run', '--silent', ...args], {
      cwd: root,
      env: { ...process.env, npm_config_userconfig: settings },
    })
  }
  await npm('release:pack', '--', '--to', folder, '--target', 'linux-x64-gnu')
  await npm('release:publish', '--', '--from', folder, '--registry', registry)
  const list = JSON.parse(readFileSync(join(folder, 'release.json'), 'utf8')) as {
    name: string
    version: string
  }[]
  const direct = ['@frameport/client', '@frameport/protocol', '@frameport/server']
  const ours = list.filter(({ name }) => direct.includes(name)).map(({ name, version }) => [name, version])
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: { zod: string }
  }
  return { ...Object.fromEntries(ours), zod: devDependencies.zod }
}
