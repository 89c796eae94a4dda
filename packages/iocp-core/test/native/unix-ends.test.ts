import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../conformance/support/eventually.ts'
import { type Random, seededRandom } from '../../conformance/support/random.ts'
import { type Connection, createCompletionPort, probe } from '../../src/index.ts'

const natives = probe().filter(
  ({ backend, available }) => available && backend !== 'net' && backend !== 'iocp',
)
const rounds = 30
const peers = 40
const none = () => undefined

/** Sends random bytes in pieces, some of them a turn of the event loop apart, and ends. Returns the number of bytes. */
async function sendAndEnd(client: Connection, random: Random): Promise<number> {
  client.start({ data: none, end: none, drain: none, close: none })
  const total = random(90_000)
  let sent = 0
  while (sent < total) {
    const length = 1 + random(3_000)
    client.send(new Uint8Array(length))
    sent += length
    if (random(10) < 3) await turn()
  }
  client.end()
  return sent
}

/**
 * With small buffers the kernel ends and begins many receives, and a receive that looked before it waited may wait
 * while the end of the peer is unread (seen on Linux 6.18, one connection in about 600). So the test runs many rounds.
 */
describe.each(natives)('on $backend with buffers of 512 bytes', ({ backend }) => {
  it('every peer of a unix listener is read to its end', { timeout: 120_000 }, async () => {
    const random = seededRandom(7)
    for (let round = 0; round < rounds; round++) {
      const port = createCompletionPort({ backend, receiveBufferBytes: 512 })
      let received = 0
      let ended = 0
      const path = join(tmpdir(), `frameport-ends-${backend}-${process.pid}.sock`)
      const listener = await port.listen({ kind: 'unix', path }, (connection) =>
        connection.start({
          data: (chunk) => {
            received += chunk.length
          },
          end() {
            ended++
            connection.end()
          },
          drain: none,
          close: none,
        }),
      )
      const sent = await Promise.all(
        Array.from({ length: peers }, async () => sendAndEnd(await port.connect(listener.endpoint), random)),
      )
      await eventually(
        AbortSignal.timeout(30_000),
        () => ended === peers,
        () => `round ${round}: ${ended} of ${peers} ends`,
      )
      expect(received).toBe(sent.reduce((sum, bytes) => sum + bytes, 0))
      await port.close()
    }
  })
})
