import assert from 'node:assert/strict'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { type Connection, IocpError } from '../../src/index.ts'
import { eventually } from '../support/eventually.ts'
import { openNamedPort, say } from './open-named-port.ts'

/*
 * Uses up every descriptor of this process, then connects with the few it has kept back. What becomes of those
 * clients is the back end's affair: they wait in the kernel's queue or are closed. The listener must live.
 */
const patience = AbortSignal.timeout(60_000)
const port = openNamedPort()
const accepted: Connection[] = []
const acceptErrors: Error[] = []
const listener = await port.listen('tcp://127.0.0.1:0', (connection) => accepted.push(connection), {
  onAcceptError: (error) => acceptErrors.push(error),
})
assert.ok(listener.endpoint.kind === 'tcp')
const tcpPort = listener.endpoint.port

const fillers: number[] = []
try {
  for (;;) fillers.push(openSync('/dev/null', 'r'))
} catch (error) {
  assert.equal((error as NodeJS.ErrnoException).code, 'EMFILE')
}

const clients: Socket[] = []
for (let client = 0; client < 4; client++) {
  closeSync(fillers.pop()!)
  // The connect takes the descriptor that was just freed; accepting then finds none.
  const socket = connect(tcpPort, '127.0.0.1').on('error', () => undefined)
  clients.push(socket)
  await Promise.race([once(socket, 'connect'), once(socket, 'close')])
}
// The listener cannot have missed them: the loop goes round while a busy one would be stuck in here.
const cpuBefore = process.cpuUsage()
const started = performance.now()
await new Promise((resolve) => setTimeout(resolve, 500))
const { user, system } = process.cpuUsage(cpuBefore)
const elapsedMs = performance.now() - started
assert.ok((user + system) / 1000 < elapsedMs * 0.6, `spins: ${(user + system) / 1000} ms of ${elapsedMs} ms`)
for (const error of acceptErrors)
  assert.ok(IocpError.is(error) && error.code === 'TOO_MANY_FILES', String(error))
if (port.backend !== 'net') assert.ok(acceptErrors.length > 0, 'the failed accepts are told')

for (const filler of fillers) closeSync(filler)
const fresh = connect(tcpPort, '127.0.0.1')
await once(fresh, 'connect')
const acceptedFresh = () =>
  accepted.some(({ remoteEndpoint: peer }) => peer.kind === 'tcp' && peer.port === fresh.localPort)
await eventually(patience, acceptedFresh, () => 'a new connection accepted')
say('accepting again')
for (const socket of [fresh, ...clients]) socket.destroy()
await port.close()
