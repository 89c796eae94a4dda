import assert from 'node:assert/strict'
import type { ConformanceCase } from '../conformance-case.ts'
import { pattern, text } from '../support/bytes.ts'
import { assertCode } from '../support/errors.ts'
import { accepting } from '../support/pair.ts'
import { rawClient, rawServer } from '../support/raw-peer.ts'
import { Recorder } from '../support/recorder.ts'

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
    name: 'a reset before start is told after start',
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
    name: 'sending to a peer that is gone ends in one close, not in a crash',
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
]
