import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openRegistry, settingsFor } from '../consumer/registry.ts'
import { Checkout } from './checkout.ts'
import { Publications } from './publications.ts'
import { Releases } from './releases.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const usage = `npm run test:release

Makes three releases as RELEASING.md says, in a copy of this repository and against a registry on loopback: the first one,
whose publication is cut twice; a patch of one package; a change that others have to follow. After each of them a project
installs it and runs a program. Nothing of this repository is changed.
`

const { values } = parseArgs({ options: { help: { type: 'boolean', default: false } } })
if (values.help) process.stdout.write(usage)
else await main()

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'frameport-releases-'))
  const publications = new Publications()
  const registry = await openRegistry(publications.gate)
  const say = (sentence: string) => process.stdout.write(`${sentence}\n`)
  try {
    const checkout = await Checkout.cloned(root, join(folder, 'checkout'))
    await checkout.leavePreMode()
    say('a copy of the repository is there, with what npm ci brings')
    const settings = settingsFor(registry.url, folder)
    const releases = new Releases({ checkout, folder, registry: registry.url, settings, publications, say })
    await releases.first()
    await releases.patchOfOne()
    await releases.changeThatOthersFollow()
  } finally {
    await registry.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
