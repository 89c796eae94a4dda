import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createCompletionPort, limits, probe } from '../src/index.ts'

const burst = 2_000
const established = '01'

/** The longest backlog that the kernel allows; 0 if there is no such file. */
function longestBacklog(): number {
  try {
    return Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'))
  } catch {
    return 0
  }
}

/**
 * The number of connections that the kernel has for a local TCP port, accepted or not: proc_pid_net(5). The file can
 * list a connection twice while others open and close.
 */
function connectionsOf(tcpPort: number): number {
  const suffix = `:${tcpPort.toString(16).toUpperCase().padStart(4, '0')}`
  const peers = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(suffix) && state === established)
    .map(([, local, peer]) => `${local} ${peer}`)
  return new Set(peers).size
}

for (const { backend, available, reason } of probe()) {
  describe(`a burst of connections on ${backend}`, () => {
    if (!available) return test.skip(`not available: ${reason}`, () => undefined)
    const cutTo = longestBacklog()
    if (cutTo < limits.backlog.default)
      return test.skip(`the kernel cuts the backlog to ${cutTo}`, () => undefined)

    test('that arrives within one turn of the event loop fits completely into the default backlog', async () => {
      const port = createCompletionPort({ backend })
      const listener = await port.listen('tcp://127.0.0.1:0', (connection) => connection.abort())
      const tcpPort = Number(new URL(listener.url).port)
      const sockets = Array.from({ length: burst }, () => connect(tcpPort, '127.0.0.1'))
      for (const socket of sockets) socket.on('error', () => undefined)
      // Node.js connects in the next tick, and on the loopback a connection is established when connect(2) returns.
      const waiting = await new Promise<number>((resolve) =>
        process.nextTick(() => resolve(connectionsOf(tcpPort))),
      )
      for (const socket of sockets) socket.destroy()
      await listener.close()
      await port.close()
      expect(waiting).toBe(burst)
    })
  })
}
