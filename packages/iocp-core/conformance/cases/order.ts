import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Connection } from '../../src/index.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { digestOf, pattern, text } from '../support/bytes.ts'
import { accepting, pair } from '../support/pair.ts'
import { rawClient, rawServer, readToEnd } from '../support/raw-peer.ts'
import { Recorder } from '../support/recorder.ts'

const MiB = 1024 * 1024

export const orderCases: readonly ConformanceCase[] = [
  {
    name: 'sends of many sizes arrive complete and in order at a raw peer',
    async run(context) {
      const port = context.openPort()
      const peer = await rawServer(context)
      const [client, socket] = await Promise.all([port.connect(peer.url), peer.next()])
      const closed = new Recorder()
      client.start(closed)
      const parts = [1, 2, 1023, 1024, 1025, 9_999, 10_000, 16_383, 16_384, 16_385, 65_536, 100_001].map(
        pattern,
      )
      for (const part of parts) client.send(part)
      client.end()
      assert.equal(digestOf(await readToEnd(socket)), digestOf(...parts))
      socket.end()
      assert.equal(await closed.untilClose(context.signal), undefined)
    },
  },
  {
    name: 'bytes from a raw peer arrive complete and in order',
    async run(context) {
      const port = context.openPort()
      const { listener, next } = await accepting(port)
      const socket = await rawClient(context, listener.endpoint)
      const server = await next()
      const received = new Recorder()
      server.start(received)
      const bytes = pattern(3 * MiB + 17)
      socket.end(bytes)
      socket.resume()
      await received.untilEnd(context.signal)
      assert.equal(received.bytes, bytes.length)
      assert.equal(received.digest(), digestOf(bytes))
      server.end()
      assert.equal(await received.untilClose(context.signal), undefined)
    },
  },
  {
    name: 'many small sends of one turn arrive in order',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const received = new Recorder()
      server.start(received)
      const lines = Array.from({ length: 5_000 }, (_, index) => `${index};`)
      for (const line of lines) assert.notEqual(client.send(text(line)), 'closed')
      await received.untilBytes(signal, lines.join('').length)
      assert.equal(received.text(), lines.join(''))
      client.abort()
      server.abort()
    },
  },
  {
    name: 'one send of 66 MiB arrives complete and in order, with the sends before and after it',
    timeoutMs: 60_000,
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const closed = new Recorder()
      client.start(closed)
      const long = numberedBlocks(66)
      // Parts that begin and end inside whatever pieces the queue is made of.
      client.send(text('before'))
      client.send([text('head'), long, text('tail')])
      client.send(text('behind'))
      client.end()
      const received = new Recorder({}, false)
      server.start(received)
      await received.untilEnd(signal)
      assert.equal(received.digest(), digestOf(text('beforehead'), long, text('tailbehind')))
      server.end()
      assert.equal(await closed.untilClose(signal), undefined)
    },
  },
  {
    name: 'several parts are sent as one',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const received = new Recorder()
      server.start(received)
      client.send([text('head'), new Uint8Array(0), text('er '), text('and payload')])
      client.send([])
      await received.untilBytes(signal, 18)
      assert.equal(received.text(), 'header and payload')
      client.abort()
      server.abort()
    },
  },
  {
    name: 'bytes may be overwritten as soon as send returns',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const received = new Recorder()
      server.start(received)
      const reused = new Uint8Array(40_000)
      const hash = createHash('sha256')
      for (let round = 1; round <= 50; round++) {
        reused.set(pattern(reused.length, round))
        hash.update(reused)
        client.send(reused)
        reused.fill(0)
      }
      await received.untilBytes(signal, 50 * reused.length)
      assert.equal(received.digest(), hash.digest('hex'))
      client.abort()
      server.abort()
    },
  },
  {
    name: 'an empty send does nothing: no bytes, no end',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const received = new Recorder()
      server.start(received)
      client.start(new Recorder())
      assert.equal(client.send(new Uint8Array(0)), 'sent')
      assert.equal(client.send([]), 'sent')
      client.send(text('x'))
      client.send(new Uint8Array(0))
      await received.untilBytes(signal, 1)
      client.send(text('y'))
      await received.untilBytes(signal, 2)
      assert.equal(received.ended, false)
      client.end()
      await received.untilEnd(signal)
      assert.equal(client.send(new Uint8Array(0)), 'closed')
      server.end()
      await received.untilClose(signal)
    },
  },
  {
    name: '64 MiB arrive in both directions at once, with correct checksums',
    timeoutMs: 120_000,
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const blocks = [pattern(MiB, 1), pattern(MiB, 2)] as const
      const received = [new Recorder({}, false), new Recorder({}, false)] as const
      client.start(received[0])
      server.start(received[1])
      await Promise.all([pour(client, blocks[0], 64), pour(server, blocks[1], 64)])
      await Promise.all(received.map((recorder) => recorder.untilEnd(signal)))
      assert.equal(received[1].bytes, 64 * MiB)
      assert.equal(received[1].digest(), digestOf(...Array.from({ length: 64 }, () => blocks[0])))
      assert.equal(received[0].bytes, 64 * MiB)
      assert.equal(received[0].digest(), digestOf(...Array.from({ length: 64 }, () => blocks[1])))
      assert.deepEqual(await Promise.all(received.map((recorder) => recorder.untilClose(signal))), [
        undefined,
        undefined,
      ])
    },
  },
]

/** Blocks of 1 MiB, and a few bytes more, each with its number in front: a block that is lost or doubled shows. */
function numberedBlocks(blocks: number): Uint8Array {
  const block = pattern(MiB)
  const bytes = new Uint8Array(blocks * MiB + 17)
  for (let number = 0; number < blocks; number++) {
    bytes.set(block, number * MiB)
    bytes[number * MiB] = number
  }
  return bytes
}

/** Sends a block so many times, in pieces of uneven sizes, and waits whenever the queue is full. */
async function pour(connection: Connection, block: Uint8Array, times: number): Promise<void> {
  const pieceBytes = 48_611
  for (let time = 0; time < times; time++) {
    for (let offset = 0; offset < block.length; offset += pieceBytes) {
      const verdict = connection.send(block.subarray(offset, offset + pieceBytes))
      assert.notEqual(verdict, 'closed')
      if (verdict === 'full') await connection.drained()
    }
  }
  connection.end()
}
