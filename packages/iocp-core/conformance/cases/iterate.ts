import assert from 'node:assert/strict'
import type { ConformanceCase } from '../conformance-case.ts'
import { digestOf, pattern, text } from '../support/bytes.ts'
import { assertCode, rejectsWith } from '../support/errors.ts'
import { settled } from '../support/eventually.ts'
import { accepting, pair } from '../support/pair.ts'
import { closeOf, rawClient } from '../support/raw-peer.ts'
import { Recorder } from '../support/recorder.ts'

export const iterateCases: readonly ConformanceCase[] = [
  {
    name: 'an iterator returns every byte, as copies, and ends with the peer’s end',
    async run({ openPort, signal }) {
      const port = openPort({ poisonLentBytes: true })
      const { client, server } = await pair(port)
      const bytes = pattern(2 * 1024 * 1024)
      const closed = new Recorder()
      client.start(closed)
      client.send(bytes)
      client.end()
      const chunks: Uint8Array[] = []
      for await (const chunk of server) chunks.push(chunk)
      assert.equal(digestOf(...chunks), digestOf(bytes))
      assert.notEqual(server.send(text('still open')), 'closed')
      server.end()
      assert.equal(await closed.untilClose(signal), undefined)
      assert.equal(closed.text(), 'still open')
    },
  },
  {
    name: 'a loop that is slow holds the peer back',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      client.start(new Recorder())
      const bytes = pattern(24 * 1024 * 1024)
      client.send(bytes)
      client.end()
      const chunks: Uint8Array[] = []
      let looked = false
      for await (const chunk of server) {
        chunks.push(chunk)
        if (looked) continue
        looked = true
        assert.ok((await settled(signal, () => client.queuedBytes)) > 0, 'the peer is held back')
      }
      assert.equal(digestOf(...chunks), digestOf(bytes))
      server.end()
    },
  },
  {
    name: 'leaving the loop aborts the connection',
    async run(context) {
      const port = context.openPort()
      const { listener, next } = await accepting(port)
      const socket = await rawClient(context, listener.endpoint)
      const server = await next()
      socket.write('first')
      for await (const chunk of server) {
        assert.equal(new TextDecoder().decode(chunk), 'first')
        break
      }
      await closeOf(socket.resume())
      assert.equal(server.send(text('x')), 'closed')
    },
  },
  {
    name: 'a connection that breaks throws in the loop, after the bytes that arrived before',
    async run({ openPort }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const iterator = server[Symbol.asyncIterator]()
      client.send(text('before'))
      const first = await iterator.next()
      assert.equal(new TextDecoder().decode(first.value), 'before')
      client.abort()
      await rejectsWith(iterator.next(), 'CONNECTION_RESET')
      assert.deepEqual(await iterator.next(), { done: true, value: undefined })
    },
  },
  {
    name: 'iterating starts the connection, so neither start nor a second iterator follows',
    async run({ openPort }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const iterator = server[Symbol.asyncIterator]()
      for (const again of [() => server.start(new Recorder()), () => server[Symbol.asyncIterator]()]) {
        assert.throws(again, (error) => assertCode(error, 'ALREADY_STARTED') !== undefined)
      }
      client.abort()
      await iterator.return?.()
    },
  },
  {
    name: 'leaving a loop aborts the connection, even if the peer’s end arrived with the last bytes of the loop',
    async run({ openPort, signal }) {
      const port = openPort()
      for (let round = 0; round < 20; round++) {
        const { client, server } = await pair(port)
        const closed = new Recorder()
        client.start(closed)
        client.send(text('all'))
        client.end()
        for await (const chunk of server) {
          assert.equal(new TextDecoder().decode(chunk), 'all')
          break
        }
        await closed.untilClose(signal)
        assert.equal(server.send(text('x')), 'closed')
      }
    },
  },
  {
    name: 'several calls of next are answered in order',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const iterator = server[Symbol.asyncIterator]()
      const results = [iterator.next(), iterator.next(), iterator.next()]
      const closed = new Recorder()
      client.start(closed)
      client.send(text('one'))
      assert.equal(new TextDecoder().decode((await results[0])?.value), 'one')
      client.send(text('two'))
      assert.equal(new TextDecoder().decode((await results[1])?.value), 'two')
      client.end()
      assert.equal((await results[2])?.done, true)
      server.end()
      assert.equal(await closed.untilClose(signal), undefined)
    },
  },
]
