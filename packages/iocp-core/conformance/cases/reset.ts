import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import type { CompletionPort } from '../../src/index.ts'
import type { ConformanceCase, ConformanceContext } from '../conformance-case.ts'
import { pattern, text } from '../support/bytes.ts'
import { assertCode, assertNone } from '../support/errors.ts'
import { accepting, pair } from '../support/pair.ts'
import { closeOf, rawClient, rawServer } from '../support/raw-peer.ts'
import { Recorder } from '../support/recorder.ts'

/** From here the native back ends hand a send to the kernel at once. */
const directBytesMin = 64 * 1024

/** Settles when a socket that is being closed has told its peer's kernel: on loopback it does so as it closes. */
async function arrived(socket: Socket): Promise<void> {
  await closeOf(socket)
  await new Promise((resolve) => setImmediate(resolve))
}

export const resetCases: readonly ConformanceCase[] = [
  {
    name: 'a reset by the peer closes with CONNECTION_RESET',
    async run(context) {
      const port = context.openPort()
      const { listener, next } = await accepting(port)
      const socket = await rawClient(context, listener.endpoint)
      const server = await next()
      const received = new Recorder()
      server.start(received)
      socket.write('some')
      await received.untilBytes(context.signal, 4)
      socket.resetAndDestroy()
      const error = assertCode(await received.untilClose(context.signal), 'CONNECTION_RESET')
      assert.equal(received.ended, false)
      assert.ok(['ECONNRESET', 'EPIPE'].includes(error.systemCode ?? ''), error.systemCode)
      assert.equal(server.send(text('x')), 'closed')
    },
  },
  {
    name: 'a reset with a large send in flight closes once and gives back its buffers',
    async run(context) {
      const port = context.openPort()
      const peer = await rawServer(context)
      const [client, socket] = await Promise.all([port.connect(peer.url), peer.next()])
      const received = new Recorder()
      client.start(received)
      assert.equal(client.send(pattern(8 * 1024 * 1024)), 'full')
      const drained = client.drained()
      socket.resetAndDestroy()
      assertCode(await received.untilClose(context.signal), 'CONNECTION_RESET')
      await drained
      assert.equal(port.counters.buffersInUse, 0)
      assert.equal(port.counters.operationsInFlight, 0)
    },
  },
  {
    name: 'a reset before start is reported after start',
    async run(context) {
      const port = context.openPort()
      const { listener, next } = await accepting(port)
      const socket = await rawClient(context, listener.endpoint)
      const server = await next()
      socket.resetAndDestroy()
      const received = new Recorder()
      server.start(received)
      assertCode(await received.untilClose(context.signal), 'CONNECTION_RESET')
    },
  },
  {
    name: 'a reset after the end of the peer does not hide the end',
    async run(context) {
      const port = context.openPort()
      const peer = await rawServer(context)
      const [client, socket] = await Promise.all([port.connect(peer.url), peer.next()])
      const received = new Recorder()
      client.pause()
      client.start(received)
      // The peer never reads this, so its kernel answers the close behind its end with a reset (RFC 1122, 4.2.2.13).
      client.send(text('unread'))
      await exchangeElsewhere(context, port)
      await new Promise<void>((resolve) => socket.end('the whole of it', () => resolve()))
      socket.destroy()
      await closeOf(socket)
      await exchangeElsewhere(context, port)
      client.resume()
      await received.untilEnd(context.signal)
      assert.equal(received.text(), 'the whole of it')
      // The connection is gone. Whether its close is reported as a reset is the system's choice.
      client.end()
      await received.untilClose(context.signal)
    },
  },
  {
    name: 'sending to a peer that has disconnected causes one close, and no crash',
    async run(context) {
      const port = context.openPort()
      const { listener, next } = await accepting(port)
      const socket = await rawClient(context, listener.endpoint)
      const server = await next()
      const received = new Recorder()
      server.start(received)
      socket.destroy()
      // The peer ended; what we send now is answered with a reset.
      await received.untilEnd(context.signal)
      while (server.send(pattern(1000)) !== 'closed') {
        context.signal.throwIfAborted()
        await new Promise((resolve) => setImmediate(resolve))
      }
      assertCode(await received.untilClose(context.signal), 'CONNECTION_RESET')
    },
  },
  {
    name: 'a send that the kernel refuses returns closed, or the close follows',
    async run(context) {
      const port = context.openPort()
      const faults: string[] = []
      for (const count of [1, 20]) {
        for (const length of [count, directBytesMin - 4, directBytesMin + 16, 16 * directBytesMin]) {
          const peer = await rawServer(context)
          const [client, socket] = await Promise.all([port.connect(peer.url), peer.next()])
          socket.resetAndDestroy()
          await arrived(socket)
          // A small send is handed over at the end of the turn, and only then known to be refused.
          const known = context.backend !== 'net' && length >= directBytesMin
          const parts = Array.from({ length: count }, () => pattern(length / count))
          const verdicts = [client.send(parts), client.send(text('x'))]
          const expected = known ? ['closed'] : ['queued', 'full']
          if (!verdicts.every((verdict) => expected.includes(verdict))) {
            faults.push(`${length} bytes in ${count} parts: ${verdicts}`)
          }
          const received = new Recorder()
          client.start(received)
          assertCode(await received.untilClose(context.signal), 'CONNECTION_RESET')
          assert.equal(client.queuedBytes, 0)
          assert.equal(client.send(text('x')), 'closed')
        }
      }
      assertNone(faults)
    },
  },
  {
    name: 'a last send that the kernel refuses makes the close an error, although both sides have ended',
    async run(context) {
      const port = context.openPort()
      for (const length of [1, directBytesMin]) {
        const peer = await rawServer(context)
        const [client, socket] = await Promise.all([port.connect(peer.url), peer.next()])
        const received = new Recorder()
        client.start(received)
        // What it has not read makes its close a reset; its end came before.
        client.send(text('unread'))
        socket.end()
        await received.untilEnd(context.signal)
        socket.destroy()
        await arrived(socket)
        client.send(pattern(length))
        client.end()
        assertCode(await received.untilClose(context.signal), 'CONNECTION_RESET')
      }
    },
  },
]

/** A round trip on another connection: what happened to the first one before has reached this port by then. */
async function exchangeElsewhere(context: ConformanceContext, port: CompletionPort): Promise<void> {
  const other = await pair(port)
  const atServer = new Recorder()
  other.server.start(atServer)
  other.client.start(new Recorder())
  other.client.send(text('round'))
  await atServer.untilBytes(context.signal, 5)
  other.client.abort()
  other.server.abort()
}
