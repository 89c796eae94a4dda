import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/*
 * run.mjs: runs jest over the built packages. It first installs the packages of package-lock.json if they are missing.
 */
const folder = fileURLToPath(new URL('.', import.meta.url))
const wanted = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')).devDependencies.jest
const installed = new URL('node_modules/jest/package.json', import.meta.url)

function run(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

if (!existsSync(installed) || JSON.parse(readFileSync(installed, 'utf8')).version !== wanted) {
  rmSync(new URL('node_modules', import.meta.url), { recursive: true, force: true })
  run('npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund')
}
run('npm', 'test', '--silent')
