import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type BackendName,
  type CompletionPort,
  createCompletionPort,
  endpointUrl,
} from '../../../src/index.ts'
import { openDescriptors } from './open-descriptors.ts'

/*
 * Ports without any reference in JavaScript, but with something open: forgotten-ports.ts BACKEND ref|unref ENDPOINT
 * The endpoint never answers. A port is kept while something of it is open; then it is collected.
 */
const [backend, hold, silent] = process.argv.slice(2)

async function collectGarbage(): Promise<void> {
  assert.ok(global.gc !== undefined, 'run with --expose-gc')
  for (let round = 0; round < 5; round++) {
    global.gc()
    await delay(5)
  }
}

/** Opens a listener that echoes, on a port to which only its own sockets refer. */
async function forgetServer(): Promise<{ readonly port: WeakRef<CompletionPort>; readonly tcpPort: number }> {
  const port = createCompletionPort({ backend: backend as BackendName })
  const { endpoint } = await port.listen('tcp://127.0.0.1:0', (connection) => {
    connection.start({
      data: (chunk) => void connection.send(chunk),
      end: () => connection.end(),
      drain() {},
      close() {},
    })
  })
  if (hold === 'unref') port.unref()
  assert.ok(endpoint.kind === 'tcp', endpointUrl(endpoint))
  return { port: new WeakRef(port), tcpPort: endpoint.port }
}

/** Starts a connect that times out, on a port to which only the connect refers. */
function forgetConnect(): { readonly port: WeakRef<CompletionPort>; readonly failed: Promise<unknown> } {
  const port = createCompletionPort({ backend: backend as BackendName })
  const failed = port.connect(silent!, { timeoutMs: 2_000 }).then(
    () => 'connected',
    (error) => error.code,
  )
  return { port: new WeakRef(port), failed }
}

await delay(0)
const before = openDescriptors()
const connecting = forgetConnect()
await collectGarbage()
assert.ok(connecting.port.deref() !== undefined, 'a connect in flight keeps its port')
assert.equal(await connecting.failed, 'CONNECT_TIMEOUT')
const gone = () => openDescriptors() === before && connecting.port.deref() === undefined
for (let round = 0; round < 1_000 && !gone(); round++) await collectGarbage()
assert.equal(openDescriptors(), before, 'the port went with its connect')
assert.equal(connecting.port.deref(), undefined)

const server = await forgetServer()
await collectGarbage()
assert.ok(server.port.deref() !== undefined, 'a listener keeps its port')
const client = connect(server.tcpPort, '127.0.0.1')
client.write('still there')
const [echo] = await once(client, 'data')
assert.equal(String(echo), 'still there')
client.end()
await once(client, 'close')
process.stdout.write('served after a collection\n')
// Only the forgotten listener is left. The timer is unreferenced: it fires only if the listener holds the process.
setTimeout(() => {
  process.stdout.write('held by its listener\n')
  process.exit()
}, 300).unref()
