import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { pattern } from '../../conformance/support/bytes.ts'
import { allZero, eventually } from '../../conformance/support/eventually.ts'
import { accepting } from '../../conformance/support/pair.ts'
import { Recorder } from '../../conformance/support/recorder.ts'
import { createCompletionPort, limits } from '../../src/index.ts'

/* Several threads take packets at the same time; the bytes of each connection still come in order. */
const workers = Math.min(4, limits.workers.max)
const connections = 12
const sends = 150
const patience = AbortSignal.timeout(180_000)
// Every waiter adds a listener to it.
setMaxListeners(0, patience)

const port = createCompletionPort({ backend: 'iocp', workers })
assert.equal(port.backend, 'iocp')
const { listener, next } = await accepting(port)

async function exchange(index: number): Promise<void> {
  const [client, server] = await Promise.all([port.connect(listener.endpoint), next()])
  server.start({
    data: (chunk) => void server.send(chunk),
    end: () => server.end(),
    drain() {},
    close() {},
  })
  const echoed = new Recorder({}, false)
  client.start(echoed)
  const sent = createHash('sha256')
  for (let send = 0; send < sends; send++) {
    // From one byte to more than the kernel takes in one call.
    const bytes = pattern(send % 50 === 49 ? 700_000 : 1 + ((send * 7_919) % 5_000), index * sends + send)
    sent.update(bytes)
    client.send(bytes)
    if (send % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  client.end()
  assert.equal(await echoed.untilClose(patience), undefined)
  assert.equal(echoed.digest(), sent.digest('hex'))
}

await Promise.all(Array.from({ length: connections }, (_, index) => exchange(index)))
await listener.close()
await eventually(
  patience,
  () => allZero(port.counters),
  () => JSON.stringify(port.counters),
)
await port.close()
process.stdout.write(`order held with ${workers} workers\n`)
