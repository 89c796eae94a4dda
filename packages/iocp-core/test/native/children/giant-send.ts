import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { pair } from '../../../conformance/support/pair.ts'
import { type BackendName, createCompletionPort } from '../../../src/index.ts'

/*
 * giant-send.ts BACKEND: queues one long send, twice, and reads the memory of this process while the bytes are sent.
 * The second time, the C library has already got memory of that size back, and may keep it for itself.
 */
const MiB = 1024 * 1024
const sentMiB = 256
const port = createCompletionPort({ backend: process.argv[2] as BackendName })
const bytes = new Uint8Array(sentMiB * MiB).fill(7)

for (const time of ['first', 'second']) {
  const { listener, client, server } = await pair(port)
  client.start({ data() {}, end() {}, drain() {}, close() {} })
  const before = residentMiB()
  client.send(bytes)
  client.end()
  const queuedMiB = residentMiB() - before
  let received = 0
  let halfwayMiB = Number.NaN
  await new Promise<void>((resolve) => {
    server.start({
      data(chunk) {
        received += chunk.length
        if (Number.isNaN(halfwayMiB) && received > bytes.length / 2) halfwayMiB = residentMiB() - before
      },
      end: () => server.end(),
      drain() {},
      close: () => resolve(),
    })
  })
  process.stdout.write(`${time}: ${Math.round(queuedMiB)} MiB queued, ${Math.round(halfwayMiB)} halfway\n`)
  assert.equal(received, bytes.length)
  assert.ok(queuedMiB > 0.9 * sentMiB, 'what the kernel has no room for is queued')
  assert.ok(halfwayMiB < queuedMiB - 0.3 * sentMiB, 'the memory of what was sent is given back')
  await listener.close()
}
await port.close()
process.stdout.write('given back\n')

function residentMiB(): number {
  const [, kibibytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Number(kibibytes) / 1024
}
