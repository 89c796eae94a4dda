import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { repositoryRoot } from '../repository.ts'
import { releaseProblems } from './check-release.ts'
import { packAll } from './pack-all.ts'
import { platforms } from './platform-packages.ts'

const targets = platforms.map(({ target }) => target)

const usage = `npm run release:pack -- [options]

  --to FOLDER      where the tarballs go; by default build/release
  --target NAME    pack the addon of this system only (${targets.join(', ')}); may be given several times
  --without-addons pack none: the back end net runs where this is installed

Packs everything that is published, addons with it, and checks each tarball. Publishes nothing. Builds must be there: npm run build.
`

const { values } = parseArgs({
  options: {
    to: { type: 'string', default: join(repositoryRoot, 'build/release') },
    target: { type: 'string', multiple: true, default: targets },
    'without-addons': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(usage)
else pack(resolve(values.to), values['without-addons'] ? [] : values.target)

function pack(folder: string, chosen: readonly string[]): void {
  const unknown = chosen.filter((name) => !targets.includes(name))
  if (unknown.length > 0)
    throw new RangeError(`--target is ${unknown.join(', ')}, none of ${targets.join(', ')}`)
  for (const { name, version, file } of packAll(folder, chosen)) {
    const kilobytes = (statSync(join(folder, file)).size / 1000).toFixed(1)
    process.stdout.write(`${name} ${version}: ${file}, ${kilobytes} kB\n`)
  }
  const problems = releaseProblems(folder)
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
}
