import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ConformanceCase } from '../conformance-case.ts'
import { pattern, text } from '../support/bytes.ts'
import { assertCode } from '../support/errors.ts'
import { eventually } from '../support/eventually.ts'
import { accepting, pair } from '../support/pair.ts'
import { rawClient } from '../support/raw-peer.ts'
import { Recorder } from '../support/recorder.ts'

const big = pattern(8 * 1024 * 1024)

export const closeCases: readonly ConformanceCase[] = [
  {
    name: 'abort with a receive and a send in flight closes once, with the reason given',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const atClient = new Recorder()
      client.start(atClient)
      assert.equal(client.send(big), 'full')
      // The server does not read: the send stays in flight.
      await eventually(
        signal,
        () => port.counters.operationsInFlight >= 3,
        () => JSON.stringify(port.counters),
      )
      const reason = new Error('enough')
      client.abort(reason)
      client.abort(new Error('a later reason does not count'))
      client.end()
      assert.equal(client.send(text('x')), 'closed')
      await client.drained()
      assert.equal(await atClient.untilClose(signal), reason)
      const atServer = new Recorder({}, false)
      server.start(atServer)
      assertCode(await atServer.untilClose(signal), 'CONNECTION_RESET')
    },
  },
  {
    name: 'abort without a reason closes without an error',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const atClient = new Recorder()
      client.start(atClient)
      client.abort()
      assert.equal(await atClient.untilClose(signal), undefined)
      server.abort()
    },
  },
  {
    name: 'the peer of an aborted connection sees a reset, not an end',
    async run(context) {
      const port = context.openPort()
      const { listener, next } = await accepting(port)
      const socket = await rawClient(context, listener.endpoint)
      const server = await next()
      let ends = 0
      socket.on('end', () => ends++).resume()
      const broken = once(socket, 'error', { signal: context.signal })
      server.send(text('unfinished'))
      server.abort()
      const [error] = await broken
      assert.equal((error as NodeJS.ErrnoException).code, 'ECONNRESET')
      assert.equal(ends, 0)
    },
  },
  {
    name: 'resetOnClose ends a connection whose peer has ended with a reset instead of an end',
    async run(context) {
      const port = context.openPort()
      const { listener, next } = await accepting(port, { resetOnClose: true })
      const socket = await rawClient(context, listener.endpoint)
      const server = await next()
      let ends = 0
      socket.on('end', () => ends++).resume()
      const broken = once(socket, 'error', { signal: context.signal })
      const atServer = new Recorder({ end: () => server.end() })
      server.start(atServer)
      socket.end('all I had')
      assert.equal(await atServer.untilClose(context.signal), undefined)
      assert.equal(atServer.text(), 'all I had')
      const [error] = await broken
      assert.equal((error as NodeJS.ErrnoException).code, 'ECONNRESET')
      assert.equal(ends, 0)
    },
  },
  {
    name: 'a connection that is aborted before start reports only its close after start',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      server.send(text('never seen'))
      const reason = new Error('not wanted')
      client.abort(reason)
      server.abort()
      await eventually(
        signal,
        () => port.counters.connections === 0,
        () => JSON.stringify(port.counters),
      )
      let startReturned = false
      const late = new Recorder({ close: () => assert.ok(startReturned) })
      client.start(late)
      startReturned = true
      assert.equal(await late.untilClose(signal), reason)
      assert.equal(late.bytes, 0)
    },
  },
  {
    name: 'abort inside data, end or drain closes once, and no other callback follows',
    async run({ openPort, signal }) {
      const port = openPort()
      for (const where of ['data', 'end', 'drain'] as const) {
        const { client, server, listener } = await pair(port)
        const reason = new Error(where)
        const atServer = new Recorder({ [where]: () => server.abort(reason) })
        const atClient = new Recorder({}, false)
        server.start(atServer)
        client.start(atClient)
        if (where === 'data') client.send(text('bytes'))
        if (where === 'end') client.end()
        if (where === 'drain') server.send(big)
        assert.equal(await atServer.untilClose(signal), reason)
        client.abort()
        await atClient.untilClose(signal)
        await listener.close()
      }
    },
  },
  {
    name: 'every waiter of drained is woken by the close',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const atClient = new Recorder()
      client.start(atClient)
      client.send(big)
      const waiters = Promise.all([client.drained(), client.drained(), client.drained()])
      server.abort()
      await waiters
      assertCode(await atClient.untilClose(signal), 'CONNECTION_RESET')
      await client.drained()
      assert.equal(client.queuedBytes, 0)
    },
  },
  {
    name: 'closing the port with everything in flight ends every connection with PORT_CLOSED',
    leavesOpen: true,
    async run(context) {
      const { openPort, signal } = context
      const port = openPort()
      const { listener, next } = await accepting(port)
      const recorders: Recorder[] = []
      for (let count = 0; count < 20; count++) {
        const [client, server] = await Promise.all([port.connect(listener.endpoint), next()])
        const recorder = new Recorder()
        client.start(recorder)
        recorders.push(recorder)
        if (count % 2 === 0) client.send(big)
        if (count % 3 === 0) server.send(big)
        if (count % 5 === 0) server.end()
      }
      await rawClient(context, listener.endpoint)
      await Promise.all([port.close(), port.close()])
      for (const recorder of recorders) {
        assert.ok(recorder.closed)
        assertCode(await recorder.untilClose(signal), 'PORT_CLOSED')
      }
      assert.deepEqual(port.counters, {
        listeners: 0,
        connections: 0,
        operationsInFlight: 0,
        buffersInUse: 0,
        handles: 0,
        timers: 0,
      })
    },
  },
  {
    name: 'after the close, the connection accepts nothing and every call is harmless',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const atClient = new Recorder()
      client.start(atClient)
      client.abort()
      server.abort()
      await atClient.untilClose(signal)
      assert.equal(client.send(text('x')), 'closed')
      assert.equal(client.queuedBytes, 0)
      client.pause()
      client.resume()
      client.end()
      client.abort(new Error('late'))
      await client.drained()
      assert.equal(atClient.closeError, undefined)
    },
  },
]
