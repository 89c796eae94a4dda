import assert from 'node:assert/strict'
import type { ConformanceCase } from '../conformance-case.ts'
import { digestOf, pattern, text } from '../support/bytes.ts'
import { eventually } from '../support/eventually.ts'
import { accepting, pair } from '../support/pair.ts'
import { closeOf, rawClient } from '../support/raw-peer.ts'
import { Recorder } from '../support/recorder.ts'

export const halfCloseCases: readonly ConformanceCase[] = [
  {
    name: 'after end the peer sees the end and can still send; both ended closes without an error',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const atClient = new Recorder()
      const atServer = new Recorder()
      client.start(atClient)
      server.start(atServer)
      client.send(text('question'))
      client.end()
      client.end()
      assert.equal(client.send(text('too late')), 'closed')
      await atServer.untilEnd(signal)
      assert.equal(atServer.text(), 'question')
      server.send(text('answer'))
      server.end()
      assert.equal(await atClient.untilClose(signal), undefined)
      assert.equal(await atServer.untilClose(signal), undefined)
      assert.equal(atClient.text(), 'answer')
      assert.ok(atClient.ended)
    },
  },
  {
    name: 'end waits for everything that is queued',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const atServer = new Recorder({}, false)
      const bytes = pattern(8 * 1024 * 1024)
      client.start(new Recorder())
      assert.equal(client.send(bytes), 'full')
      client.end()
      assert.ok(client.queuedBytes > 0)
      server.start(atServer)
      await atServer.untilEnd(signal)
      assert.equal(atServer.digest(), digestOf(bytes))
      server.end()
      assert.equal(await atServer.untilClose(signal), undefined)
    },
  },
  {
    name: 'a connection whose peer ended stays open for sending until we end',
    async run(context) {
      const port = context.openPort()
      const { listener, next } = await accepting(port)
      const socket = await rawClient(context, listener.endpoint)
      const server = await next()
      const received = new Recorder()
      server.start(received)
      socket.end('done')
      await received.untilEnd(context.signal)
      const chunks: Buffer[] = []
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      for (let round = 0; round < 10; round++) {
        assert.notEqual(server.send(text('later ')), 'closed')
        await eventually(
          context.signal,
          () => Buffer.concat(chunks).length === 6 * (round + 1),
          () => `round ${round} at the peer`,
        )
      }
      assert.equal(received.closed, false)
      assert.equal(port.counters.connections, 1)
      server.end()
      await closeOf(socket)
      assert.equal(await received.untilClose(context.signal), undefined)
    },
  },
  {
    name: 'an end before start is sent, and the peer’s end is reported after start',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      client.send(text('one'))
      client.end()
      server.send(text('two'))
      server.end()
      const atClient = new Recorder()
      const atServer = new Recorder()
      client.start(atClient)
      server.start(atServer)
      assert.equal(await atClient.untilClose(signal), undefined)
      assert.equal(await atServer.untilClose(signal), undefined)
      assert.equal(atClient.text(), 'two')
      assert.equal(atServer.text(), 'one')
    },
  },
  {
    name: 'during a pause the peer’s end is held back, and follows its bytes',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const atServer = new Recorder()
      const atClient = new Recorder()
      server.pause()
      server.start(atServer)
      client.start(atClient)
      client.send(text('last words'))
      client.end()
      await eventually(
        signal,
        () => client.queuedBytes === 0,
        () => `${client.queuedBytes} queued`,
      )
      // An echo on another connection shows that the loop has been round with the end in the kernel.
      const other = await pair(port)
      other.server.start(new Recorder({ data: (chunk) => void other.server.send(chunk) }))
      const echo = new Recorder()
      other.client.start(echo)
      other.client.send(text('round'))
      await echo.untilBytes(signal, 5)
      assert.equal(atServer.bytes, 0)
      assert.equal(atServer.ended, false)
      server.resume()
      await atServer.untilEnd(signal)
      assert.equal(atServer.text(), 'last words')
      server.end()
      await atServer.untilClose(signal)
      other.client.abort()
      other.server.abort()
    },
  },
  {
    name: 'ending inside the end callback closes both sides once',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const atServer = new Recorder({ end: () => server.end() })
      const atClient = new Recorder()
      server.start(atServer)
      client.start(atClient)
      client.end()
      assert.equal(await atServer.untilClose(signal), undefined)
      assert.equal(await atClient.untilClose(signal), undefined)
    },
  },
]
