import assert from 'node:assert/strict'
import type { ConformanceCase } from '../conformance-case.ts'
import { text } from '../support/bytes.ts'
import { rejectsWith } from '../support/errors.ts'
import { accepting, pair } from '../support/pair.ts'
import { Recorder } from '../support/recorder.ts'

const nobody = () => undefined

export const listenCases: readonly ConformanceCase[] = [
  {
    name: 'listens on port 0 and tells the real port',
    async run({ openPort, backend }) {
      const port = openPort()
      const listener = await port.listen('tcp://127.0.0.1:0', nobody)
      assert.equal(listener.backend, backend)
      assert.ok(listener.endpoint.kind === 'tcp')
      assert.equal(listener.endpoint.host, '127.0.0.1')
      assert.ok(listener.endpoint.port > 0)
      assert.equal(listener.url, `tcp://127.0.0.1:${listener.endpoint.port}`)
      assert.equal(listener.connections, 0)
      assert.equal(port.counters.listeners, 1)
    },
  },
  {
    name: 'refuses an address in use, and the first listener continues',
    async run({ openPort, signal }) {
      const port = openPort()
      const { listener, next } = await accepting(port)
      await rejectsWith(port.listen(listener.endpoint, nobody), 'ADDRESS_IN_USE')
      assert.equal(port.counters.listeners, 1)
      assert.equal(port.counters.handles, 1)
      const [client, server] = await Promise.all([port.connect(listener.endpoint), next()])
      const received = new Recorder()
      server.start(received)
      client.send(text('still here'))
      await received.untilBytes(signal, 10)
      client.abort()
      server.abort()
    },
  },
  {
    name: 'refuses an address that is not of this machine',
    async run({ openPort }) {
      const port = openPort()
      // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
      await rejectsWith(port.listen('tcp://192.0.2.1:0', nobody), 'ADDRESS_UNAVAILABLE')
      assert.equal(port.counters.handles, 0)
    },
  },
  {
    name: 'refuses endpoints it cannot read or cannot do',
    async run({ openPort }) {
      const port = openPort()
      for (const endpoint of [
        '127.0.0.1:80',
        'tcp://::1:80',
        'tcp://127.0.0.1',
        'tcp://h:70000',
        'unix:',
        '',
        'tls://127.0.0.1:1',
        'memory:a',
        'ws://127.0.0.1/',
      ]) {
        await rejectsWith(port.listen(endpoint, nobody), 'INVALID_ENDPOINT')
        await rejectsWith(port.connect(endpoint), 'INVALID_ENDPOINT')
      }
    },
  },
  {
    name: 'refuses options out of their range',
    async run({ openPort }) {
      const port = openPort()
      const at = 'tcp://127.0.0.1:0'
      for (const options of [
        { backlog: 0 },
        { backlog: 65_536 },
        { connectionsMax: 0 },
        { keepAliveIdleMs: 1 },
      ]) {
        await rejectsWith(port.listen(at, nobody, options), 'INVALID_ARGUMENT')
      }
      await rejectsWith(port.connect('tcp://127.0.0.1:1', { timeoutMs: 0 }), 'INVALID_ARGUMENT')
    },
  },
  {
    name: 'listens on a name',
    async run({ openPort }) {
      const port = openPort()
      const listener = await port.listen('tcp://localhost:0', nobody)
      assert.ok(listener.endpoint.kind === 'tcp')
      assert.ok(['127.0.0.1', '::1'].includes(listener.endpoint.host))
    },
  },
  {
    name: 'closing a listener leaves its connections open, and is idempotent',
    async run({ openPort, signal }) {
      const port = openPort()
      const { listener, client, server } = await pair(port)
      assert.equal(listener.connections, 1)
      await Promise.all([listener.close(), listener.close()])
      await listener.close()
      assert.equal(port.counters.listeners, 0)
      await rejectsWith(port.connect(listener.endpoint), 'CONNECTION_REFUSED')
      const received = new Recorder()
      server.start(received)
      client.send(text('after'))
      await received.untilBytes(signal, 5)
      assert.equal(listener.connections, 1)
      server.abort()
      client.abort()
      await received.untilClose(signal)
      assert.equal(listener.connections, 0)
    },
  },
  {
    name: 'listens again on a port it has just closed, with connections still open',
    async run({ openPort }) {
      const port = openPort()
      const { listener, client, server } = await pair(port)
      await listener.close()
      const again = await port.listen(listener.endpoint, nobody)
      assert.equal(again.url, listener.url)
      client.abort()
      server.abort()
    },
  },
  {
    name: 'listens again at once on a port whose connections it has ended itself (RFC 9293, TIME-WAIT)',
    async run({ openPort, signal }) {
      const port = openPort()
      const { listener, client, server } = await pair(port)
      const atClient = new Recorder({ end: () => client.end() })
      const atServer = new Recorder()
      client.start(atClient)
      server.start(atServer)
      // Whoever ends first waits in TIME-WAIT, with the port of the listener.
      server.end()
      await Promise.all([atClient.untilClose(signal), atServer.untilClose(signal)])
      await listener.close()
      const again = await port.listen(listener.endpoint, nobody)
      assert.equal(again.url, listener.url)
    },
  },
  {
    name: 'a port that is closed refuses to listen and to connect',
    async run({ openPort }) {
      const port = openPort()
      const listener = await port.listen('tcp://127.0.0.1:0', nobody)
      await port.close()
      await rejectsWith(port.listen('tcp://127.0.0.1:0', nobody), 'PORT_CLOSED')
      await rejectsWith(port.connect(listener.endpoint), 'PORT_CLOSED')
      await port.close()
    },
  },
  {
    name: 'a port closed while it binds rejects the listen and keeps nothing',
    async run({ openPort }) {
      const port = openPort()
      const listening = rejectsWith(port.listen('tcp://127.0.0.1:0', nobody), 'PORT_CLOSED')
      await port.close()
      await listening
      assert.equal(port.counters.handles, 0)
    },
  },
  {
    name: 'reusePort lets two listeners share a port, or is refused with an error that names it',
    async run({ openPort }) {
      const port = openPort()
      if (port.backend === 'net' || port.backend === 'iocp') {
        const refused = port.listen('tcp://127.0.0.1:0', nobody, { reusePort: true })
        await rejectsWith(refused, 'OPTION_UNSUPPORTED')
        assert.equal(port.counters.handles, 0)
        return
      }
      const first = await port.listen('tcp://127.0.0.1:0', nobody, { reusePort: true })
      const second = await port.listen(first.endpoint, nobody, { reusePort: true })
      assert.equal(second.url, first.url)
    },
  },
]
