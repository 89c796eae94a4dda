import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { managers } from '../consumer/managers.ts'
import { Place } from '../consumer/place.ts'
import type { Versions } from './versioning.ts'

/** Imports the given packages. */
const importing = 'for (const name of process.argv.slice(1)) await import(name)'

/**
 * Installs the dependencies of a project from the registry with npm, imports them, and runs a program on them.
 *
 * @param versions that npm must install, each in its place
 * @throws AssertionError if it installs others, one cannot be imported, or the program does not run on the addon
 */
export async function checkInstalled(registry: string, versions: Versions): Promise<void> {
  const direct = ['broker-nats', 'client', 'log-sqlite', 'protocol', 'server', 'testing'].map(
    (name) => `@frameport/${name}`,
  )
  const root = fileURLToPath(new URL('../../../package.json', import.meta.url))
  const { devDependencies } = JSON.parse(readFileSync(root, 'utf8')) as { devDependencies: { zod: string } }
  const dependencies = {
    ...Object.fromEntries(direct.map((name) => [name, `^${versions.get(name)}`])),
    zod: devDependencies.zod,
  }
  const npm = managers.find(({ name }) => name === 'npm')
  assert.ok(npm)
  const place = new Place({ name: 'consumer', private: true, type: 'module', dependencies }, {})
  const environment = npm.environment(registry, (name) => place.beside(name))
  try {
    const [install, ...installArgs] = npm.install
    const installed = await place.run(install, installArgs, environment)
    assert.equal(installed.code, 0, `${installed.stdout}${installed.stderr}`)
    for (const [name, version] of versions) {
      const file = join(place.folder, 'node_modules', name, 'package.json')
      assert.ok(existsSync(file), `npm brought no ${name}`)
      assert.equal(JSON.parse(readFileSync(file, 'utf8')).version, version, `npm brought another ${name}`)
    }
    const importArgs = ['--input-type=module', '--eval', importing, ...direct]
    const imported = await place.run(process.execPath, importArgs, environment)
    assert.equal(imported.code, 0, `${imported.stdout}${imported.stderr}`)
    const { code, stdout, stderr } = await place.run(process.execPath, ['program.mjs'], environment)
    assert.equal(code, 0, `${stdout}${stderr}`)
    const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    assert.notEqual(report.backend, 'net', 'the addon that was installed does not run')
    assert.equal(report.sum, 42)
    assert.deepEqual(report.items, [1, 2, 3])
  } finally {
    place.remove()
  }
}
