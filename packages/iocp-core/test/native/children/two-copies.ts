import assert from 'node:assert/strict'
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { BackendName, CompletionPort, Connection } from '../../../src/index.ts'
import { bundlePackage } from './bundle.ts'

/*
 * Loads two copies of the package in one process, like two versions in one dependency tree:
 * two-copies.ts BACKEND copied|linked|shared. Either each has a copy of the addon, or both have the same file under two
 * names, or both load the same path (FRAMEPORT_ADDON).
 */
type Package = typeof import('../../../src/index.ts')

const [backend, way] = process.argv.slice(2)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const addon = join(`build/${process.platform}-${process.arch}`, 'frameport.node')
const bundled = bundlePackage()

async function install(folder: string): Promise<Package> {
  const home = join(folder, 'node_modules/@frameport/iocp-core')
  mkdirSync(join(home, 'dist'), { recursive: true })
  copyFileSync(join(root, 'package.json'), join(home, 'package.json'))
  writeFileSync(join(home, 'dist/index.js'), bundled)
  mkdirSync(dirname(join(home, addon)), { recursive: true })
  if (way === 'copied') copyFileSync(join(root, addon), join(home, addon))
  if (way === 'linked') linkSync(join(root, addon), join(home, addon))
  return (await import(pathToFileURL(join(home, 'dist/index.js')).href)) as Package
}

function serve(port: CompletionPort) {
  return port.listen('tcp://127.0.0.1:0', (connection) => {
    connection.start({
      data: (chunk) => void connection.send(chunk),
      end: () => connection.end(),
      drain() {},
      close() {},
    })
  })
}

/** Returns a function that sends a text over the connection and checks the echo. */
function heard(connection: Connection): (said: string) => Promise<void> {
  const chunks = connection[Symbol.asyncIterator]()
  return async (said) => {
    connection.send(new TextEncoder().encode(said))
    const next = await chunks.next()
    assert.equal(new TextDecoder().decode(next.value), said)
  }
}

if (way === 'shared') process.env.FRAMEPORT_ADDON = join(root, addon)
// A link needs the same file system. The build folder is not part of the package.
const folder =
  way === 'linked' ? mkdtempSync(join(root, 'build/two-copies-')) : mkdtempSync(join(tmpdir(), 'frameport-'))
try {
  const [first, second] = [await install(join(folder, 'first')), await install(join(folder, 'second'))]
  assert.notEqual(first.IocpError, second.IocpError)
  const options = { backend: backend as BackendName }
  const ports = [first.createCompletionPort(options), second.createCompletionPort(options)] as const
  const listeners = [await serve(ports[0]), await serve(ports[1])] as const
  const across = [
    heard(await ports[0].connect(listeners[1].url)),
    heard(await ports[1].connect(listeners[0].url)),
    heard(await ports[1].connect(listeners[1].url)),
  ] as const
  await Promise.all(across.map((say, index) => say(`number ${index}`)))

  const unused = await serve(ports[0])
  await unused.close()
  const refused = await ports[1].connect(unused.endpoint).catch((error: unknown) => error)
  assert.ok(first.IocpError.is(refused) && refused.code === 'CONNECTION_REFUSED')
  assert.ok(second.IocpError.is(refused) && !(refused instanceof first.IocpError))

  await ports[0].close()
  await across[2]('the other goes on')
  await ports[1].close()
  for (const port of ports) assert.ok(Object.values(port.counters).every((count) => count === 0))
} finally {
  rmSync(folder, { recursive: true })
}
process.stdout.write(`${way}: both worked, and one outlived the other\n`)
