import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { benchmarksFolder } from '../bundle.ts'

const names = ['framing', 'iocp-core', 'protocol', 'client', 'server']
const root = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * Packs our packages, which must be built, and installs the tarballs as a user does. Returns the folder of that
 * project, `build/NAME`. It is there so that its programs find the rivals in `benchmarks/node_modules` and zod in that of the
 * repository.
 *
 * @throws Error if npm fails
 */
export function packOurs(name: string): string {
  const project = join(benchmarksFolder, 'build', name)
  const tarballs = join(benchmarksFolder, 'build', `${name}-tarballs`)
  for (const folder of [project, tarballs]) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
  }
  const npm = (cwd: string, ...args: string[]) => {
    execFileSync('npm', [...args, '--ignore-scripts'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  npm(
    root,
    'pack',
    '--silent',
    '--pack-destination',
    tarballs,
    ...names.flatMap((name) => ['--workspace', `packages/${name}`]),
  )
  const files = readdirSync(tarballs).map((file) => join(tarballs, file))
  if (files.length !== names.length)
    throw new Error(`npm pack made ${files.length} tarballs of ${names.length}.`)
  writeFileSync(join(project, 'package.json'), `${JSON.stringify({ private: true, type: 'module' })}\n`)
  npm(project, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel', 'error', ...files)
  return project
}
